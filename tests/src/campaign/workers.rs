//! Random workers are killed, one every few seconds, while people submit, verify and wait.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use habeas_domain::{Entropy, SeededEntropy};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Rescue;
use crate::{
    account::Account,
    crowd::Crowd,
    house::{House, Plan, Roles},
};

/// What each worker does: everything but the pages.
const WORKER: Roles = "intake,verification,fulfilment,notification,housekeeping";

/// How large a campaign is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Requests in all.
    pub requests: u32,
    /// Requests handed in at once.
    pub wave: u32,
    /// Worker processes.
    pub workers: usize,
    /// Between two kills.
    pub every: Duration,
    /// The longest that the whole may take.
    pub limit: Duration,
    /// Decides who is killed.
    pub seed: u64,
}

/// What came of it.
#[derive(Debug)]
pub struct Report {
    /// The account of all requests.
    pub account: Account,
    /// How many workers were killed.
    pub kills: usize,
    /// How soon others went on.
    pub rescue: Rescue,
    /// How long it took.
    pub took: Duration,
}

impl Report {
    /// The figures.
    pub fn figures(&self) -> Value {
        json!({
            "account": self.account.figures(), "kills": self.kills, "rescue": self.rescue.figures(),
            "seconds": self.took.as_secs(),
        })
    }

    /// Whether nothing was lost, doubled, crossed or silent, and all work was taken over.
    pub fn is_settled(&self) -> bool {
        self.account.is_settled() && self.rescue.abandoned == 0
    }
}

/// Runs the campaign.
pub async fn run(size: Size) -> Result<Report> {
    let mut processes = vec!["api,housekeeping"];
    processes.extend(std::iter::repeat_n(WORKER, size.workers));
    let house = Arc::new(House::build(Plan { people: size.requests, processes, ..Plan::default() }).await?);
    let (begun, done) = (Instant::now(), CancellationToken::new());
    let killing = tokio::spawn(kill(Arc::clone(&house), size, done.clone()));
    let worked = tokio::time::timeout(size.limit, work(&house, size)).await.context("out of time")?;
    done.cancel();
    let (kills, rescue) = killing.await??;
    let left = size.limit.saturating_sub(begun.elapsed());
    let (all, submitted) = worked?;
    let account = all.account(&house, submitted, left).await?;
    Ok(Report { account, kills, rescue, took: begun.elapsed() })
}

/// Wave after wave; returns everybody, and how many submissions the broker confirmed.
async fn work(house: &House, size: Size) -> Result<(Crowd, usize)> {
    let (mut all, mut submitted, mut first) = (Crowd::default(), 0, 1);
    while first <= size.requests {
        let last = size.requests.min(first + size.wave.max(1) - 1);
        let wave = Crowd::among(first..=last);
        submitted += wave.begin(house).await?;
        all = all.and(wave);
        first = last + 1;
    }
    house.finished(size.limit).await?;
    Ok((all, submitted))
}

/// Kills a worker every so often, and starts it again at once, until everything is done.
async fn kill(house: Arc<House>, size: Size, done: CancellationToken) -> Result<(usize, Rescue)> {
    let entropy = SeededEntropy::new(size.seed);
    let (mut kills, mut following) = (0, JoinSet::new());
    while done.run_until_cancelled(tokio::time::sleep(size.every)).await.is_some() {
        let mut random = [0];
        entropy.fill(&mut random);
        let victim = 1 + usize::from(random[0]) % size.workers;
        let process = house.processes.get(victim).context("a worker")?;
        process.sigkill()?;
        let (killed, held) = (Instant::now(), house.held().await?);
        kills += 1;
        let followed = Arc::clone(&house);
        following.spawn(async move { Rescue::follow(&followed, held, killed).await });
        process.start_again().await?;
    }
    let mut rescue = Rescue::default();
    while let Some(one) = following.join_next().await {
        rescue.add(one??);
    }
    Ok((kills, rescue))
}
