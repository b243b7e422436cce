//! Poison among many: tasks that a store refuses for good, workers that panic, messages that nobody can read. What it
//! touches is parked or dead-lettered. How much the others feel of it is measured wave against wave, clean and poisoned by
//! turns, so that both meet the same machine.

use std::{collections::HashSet, ops::RangeInclusive, path::PathBuf, time::Duration};

use anyhow::{Context as _, Result, ensure};
use habeas_queue::{Message, QueueName};
use habeas_test_support::wait;
use serde_json::{Value, json};

use super::{millis, percentile};
use crate::{
    account::Account,
    crowd::Crowd,
    house::{ALL, House, Plan},
};

/// The queues that get messages nobody can read.
const QUEUES: [&str; 8] = [
    "habeas.intake",
    "habeas.challenge",
    "habeas.resolve",
    "habeas.conclude",
    "habeas.mail",
    "habeas.store.desk",
    "habeas.store.shop",
    "habeas.store.club",
];

/// How large a campaign is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Requests of each wave, the poisoned ones of a wave not counted.
    pub wave: u32,
    /// Pairs of waves, one clean and one poisoned.
    pub pairs: u32,
    /// People in each poisoned wave whom a store refuses to delete, and unreadable messages on each queue.
    pub poison: u32,
    /// In poisoned waves, a worker panics each time after so many commits of tasks.
    pub panic_every: u32,
    /// The longest that the whole may take.
    pub limit: Duration,
}

/// What came of it.
#[derive(Debug)]
pub struct Report {
    /// The account of all requests, once ops had mended the store and put back what was parked.
    pub account: Account,
    /// Tasks that were parked, and how many should have been.
    pub parked: (usize, usize),
    /// Messages that were dead-lettered, and how many should have been.
    pub dead_letters: (usize, usize),
    /// Panics of workers.
    pub panics: usize,
    /// From verified to closed, in clean waves, sorted.
    pub clean: Vec<Duration>,
    /// The same for everybody else in poisoned waves.
    pub poisoned: Vec<Duration>,
}

impl Report {
    /// How much longer the others took at the 99th percentile: 1 is no longer.
    pub fn ratio(&self) -> f64 {
        percentile(&self.poisoned, 99).as_secs_f64() / percentile(&self.clean, 99).as_secs_f64().max(1e-6)
    }

    /// The figures.
    pub fn figures(&self) -> Value {
        let both = |took: &[Duration]| json!({ "requests": took.len(), "p50_ms": millis(took, 50), "p99_ms": millis(took, 99) });
        json!({
            "account": self.account.figures(), "parked": self.parked.0, "dead_letters": self.dead_letters.0,
            "panics": self.panics, "clean": both(&self.clean), "others_beside_poison": both(&self.poisoned),
            "p99_ratio": (self.ratio() * 100.0).round() / 100.0,
        })
    }

    /// Whether the poison alone was put aside, and nothing was lost, doubled, crossed or silent.
    pub fn is_settled(&self) -> bool {
        self.account.is_settled()
            && self.parked.0 == self.parked.1
            && self.dead_letters.0 == self.dead_letters.1
    }
}

/// Runs the campaign.
pub async fn run(size: Size) -> Result<Report> {
    let town = Site::build(size).await?;
    // The first requests meet cold caches and connections, which is nobody's poison.
    town.wave(town.people(0), false).await?;
    let (mut clean, mut poisoned) = (Vec::new(), Vec::new());
    for pair in 0..size.pairs {
        // Whichever comes first in one pair comes second in the next.
        for is_poisoned in [pair % 2 == 0, pair % 2 != 0] {
            let number = 1 + pair * 2 + u32::from(is_poisoned);
            let took = town.wave(town.people(number), is_poisoned).await?;
            if is_poisoned { poisoned.extend(took) } else { clean.extend(took) }
        }
    }
    clean.sort_unstable();
    poisoned.sort_unstable();
    town.report(clean, poisoned).await
}

struct Site {
    house: House,
    size: Size,
    /// Workers panic while it is there.
    panicking: PathBuf,
    seen: tokio::sync::Mutex<HashSet<String>>,
    _folder: tempfile::TempDir,
}

impl Site {
    async fn build(size: Size) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let panicking = folder.path().join("panic");
        let told = format!("task::before_commit={}={}", panicking.display(), size.panic_every);
        let plan = Plan {
            people: size.everyone(),
            every_kind_of_store: true,
            processes: vec![ALL, "fulfilment,notification"],
            env: vec![("HABEAS_PANIC_AT".to_owned(), told)],
            ..Plan::default()
        };
        let house = House::build(plan).await?;
        house.company.refuse_deletions_at_the_desk_beyond(size.well()).await?;
        Ok(Self { house, size, panicking, seen: tokio::sync::Mutex::default(), _folder: folder })
    }

    /// The people of one wave.
    fn people(&self, number: u32) -> RangeInclusive<u32> {
        let first = number * self.size.wave + 1;
        first..=first + self.size.wave - 1
    }

    /// The people of one wave whom a store refuses to delete.
    fn refused(&self, wave: &RangeInclusive<u32>) -> Vec<u32> {
        let pair = (wave.start() / self.size.wave - 1) / 2;
        let first = self.size.well() + pair * self.size.poison + 1;
        (first..first + self.size.poison).collect()
    }

    /// One wave to its end. Returns how long each request took from the press of the button to its end.
    async fn wave(&self, people: RangeInclusive<u32>, poisoned: bool) -> Result<Vec<Duration>> {
        let mut crowd = Crowd::among(people.clone());
        if poisoned {
            std::fs::write(&self.panicking, "")?;
            crowd.leavers.extend(self.refused(&people));
            self.publish_rubbish().await?;
        }
        crowd.begin(&self.house).await?;
        let mut seen = self.seen.lock().await;
        let wanted = usize::try_from(self.size.wave)?;
        let ended = wait::value("the wave to end", self.size.limit, || async {
            let ended = self.house.times_to_the_end().await.ok()?;
            let new: Vec<_> = ended.into_iter().filter(|(request, _)| !seen.contains(request)).collect();
            (new.len() >= wanted).then_some(new)
        });
        let ended = ended.await;
        if poisoned {
            std::fs::remove_file(&self.panicking)?;
        }
        let ended = match ended {
            Ok(ended) => ended,
            Err(error) => return Err(error.context(self.house.situation().await?)),
        };
        ensure!(ended.len() == wanted, "somebody whom a store refuses was told that all is done");
        seen.extend(ended.iter().map(|(request, _)| request.clone()));
        Ok(ended.into_iter().map(|(_, took)| took).collect())
    }

    async fn publish_rubbish(&self) -> Result<()> {
        let mut messages = Vec::new();
        for queue in QUEUES {
            for number in 0..self.size.poison {
                let rubbish = Message::json(format!("rubbish-{number}"), "{\"v\":1,\"kind\":");
                messages.push((QueueName::new(queue)?, rubbish));
            }
        }
        for published in self.house.queue.publish(messages).await {
            published?;
        }
        Ok(())
    }

    async fn report(self, clean: Vec<Duration>, poisoned: Vec<Duration>) -> Result<Report> {
        let (refused, rubbish) = self.size.poison_in_all();
        let parked = wait::until("the poison to be parked", self.size.limit, || async {
            self.house.parked_tasks().await.is_ok_and(|parked| parked >= refused)
        });
        parked.await.context(self.house.situation().await?)?;
        let parked = self.house.parked_tasks().await?;
        let mut dead_letters = 0;
        for queue in QUEUES {
            dead_letters += self.house.queue.dead_letters(&QueueName::new(queue)?, 10_000).await?.len();
        }
        let panics = self.house.logs()?.matches("failpoint panic").count();
        ensure!(panics > 0, "no worker panicked: is the program built with the feature `failpoints`?");
        self.house.company.allow_deletions_at_the_desk().await?;
        self.house.requeue_all().await?;
        let crowd = self.everyone();
        let submitted = crowd.everyone().len();
        let account = crowd.account(&self.house, submitted, self.size.limit).await?;
        let (parked, dead_letters) = ((parked, refused), (dead_letters, rubbish));
        Ok(Report { account, parked, dead_letters, panics, clean, poisoned })
    }

    /// Everybody of all waves, with what each wanted.
    fn everyone(&self) -> Crowd {
        let waves = (0..=self.size.pairs * 2).map(|number| Crowd::among(self.people(number)));
        let mut all = waves.fold(Crowd::default(), Crowd::and);
        all.leavers.extend(self.size.well() + 1..=self.size.everyone());
        all
    }
}

impl Size {
    /// How many people nothing is wrong with: those of the first wave, and of all pairs.
    const fn well(self) -> u32 {
        (1 + self.pairs * 2) * self.wave
    }

    const fn everyone(self) -> u32 {
        self.well() + self.pairs * self.poison
    }

    /// How many tasks are to be parked, and how many messages to be dead-lettered.
    const fn poison_in_all(self) -> (usize, usize) {
        let each = (self.pairs * self.poison) as usize;
        (each, each * QUEUES.len())
    }
}
