//! One run: people submit, verify, and wait for their final mail.

use std::{
    collections::{BTreeSet, HashMap},
    ops::Range,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use tokio::{task::JoinSet, time::timeout_at};

use crate::{
    crowd::{Arrival, Crowd},
    shop,
};

/// Received, verify, before a deletion the warning, and how the job ended.
fn mails_each(right: &str) -> usize {
    if right == "deletion" { 4 } else { 3 }
}

/// When the buttons are pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Press {
    /// As soon as the mail with the link is there.
    AtOnce,
    /// When everybody has theirs.
    Together,
}

/// What a run took.
pub(crate) struct Took {
    /// From the first publish to the last mail with a link.
    pub(crate) to_last_link: Duration,
    /// From the first press of a button to the last final mail.
    pub(crate) from_first_press: Duration,
    /// From the first publish to the last final mail.
    pub(crate) whole: Duration,
    /// Per person, from pressing the button to the final mail, sorted.
    pub(crate) latencies: Vec<Duration>,
}

struct Person {
    number: u32,
    mails: BTreeSet<String>,
    link: Option<String>,
    pressed: Option<Instant>,
    ended: Option<Instant>,
}

struct Wave<'a> {
    crowd: &'a mut Crowd,
    people: HashMap<String, Person>,
    presses: JoinSet<Result<()>>,
    last_link: Instant,
    without_link: usize,
    open: usize,
    mails_each: usize,
}

/// Runs requests of these people for one right to their final mails.
pub(crate) async fn run(
    crowd: &mut Crowd,
    people: Range<u32>,
    right: &str,
    name: &str,
    press: Press,
    limit: Duration,
) -> Result<Took> {
    let addresses: Vec<String> = people.clone().map(shop::email).collect();
    let count = addresses.len();
    let begun = Instant::now();
    let person = |number| Person { number, mails: BTreeSet::new(), link: None, pressed: None, ended: None };
    let mut wave = Wave {
        crowd,
        people: addresses.iter().cloned().zip(people.map(person)).collect(),
        presses: JoinSet::new(),
        last_link: begun,
        without_link: count,
        open: count,
        mails_each: mails_each(right),
    };
    wave.crowd.submit(&addresses, right, name).await?;
    wave.follow(press, begun + limit).await.with_context(|| format!("run {name}"))?;
    while let Some(pressed) = wave.presses.join_next().await {
        pressed??;
    }
    wave.took(begun)
}

impl Wave<'_> {
    async fn follow(&mut self, press: Press, deadline: Instant) -> Result<()> {
        while self.open > 0 {
            let next = timeout_at(deadline.into(), self.crowd.arrivals.recv()).await;
            let Ok(next) = next else { bail!("{} requests had not ended in time", self.open) };
            self.arrived(next.context("the mail server ended")?, press);
            while let Some(pressed) = self.presses.try_join_next() {
                pressed??;
            }
        }
        Ok(())
    }

    /// Mails of earlier runs and repeats of the same mail are passed over.
    fn arrived(&mut self, mail: Arrival, press: Press) {
        let Some(person) = self.people.get_mut(&mail.to) else { return };
        if !person.mails.insert(mail.message_id) {
            return;
        }
        // The link of a warning, which comes later, says that this was somebody else: nobody here follows it.
        if let Some(link) = mail.link.filter(|_| person.link.is_none()) {
            person.link = Some(link);
            self.last_link = mail.at;
            self.without_link -= 1;
            if press == Press::AtOnce {
                self.presses.spawn(start(self.crowd, person));
            }
        }
        if person.mails.len() == self.mails_each {
            person.ended = Some(mail.at);
            self.open -= 1;
        }
        if press == Press::Together && self.without_link == 0 {
            for person in self.people.values_mut().filter(|person| person.pressed.is_none()) {
                self.presses.spawn(start(self.crowd, person));
            }
        }
    }

    fn took(&self, begun: Instant) -> Result<Took> {
        let pressed = self.people.values().filter_map(|person| person.pressed).min();
        let ended = self.people.values().filter_map(|person| person.ended).max();
        let (pressed, ended) = pressed.zip(ended).context("nobody was verified")?;
        let latency = |person: &Person| Some(person.ended?.saturating_duration_since(person.pressed?));
        let mut latencies: Vec<Duration> = self.people.values().filter_map(latency).collect();
        latencies.sort_unstable();
        Ok(Took {
            to_last_link: self.last_link - begun,
            from_first_press: ended - pressed,
            whole: ended - begun,
            latencies,
        })
    }
}

fn start(crowd: &Crowd, person: &mut Person) -> impl Future<Output = Result<()>> + Send + use<> {
    person.pressed = Some(Instant::now());
    crowd.press(person.link.as_deref().unwrap_or_default(), person.number)
}

/// The value below which this share of the sorted latencies lies, in milliseconds.
pub(crate) fn percentile(sorted: &[Duration], share: f64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place among some thousand"
    )]
    let at = ((sorted.len() as f64 * share).ceil() as usize).saturating_sub(1);
    sorted.get(at).map_or(0.0, |latency| super::rounded(latency.as_secs_f64() * 1_000.0, 1))
}
