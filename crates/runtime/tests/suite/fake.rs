//! A worker that does what a test says, and remembers what it was given.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use chrono::TimeDelta;
use futures::future::BoxFuture;
use habeas_domain::{Fault, Letter, Personal, Right, TypedId, WorkId};
use habeas_ledger::{Claimed, Ledger, NewChallenge, Purpose};
use habeas_runtime::{Failure, Worker};
use tokio::sync::Semaphore;

type Behaviour = dyn Fn(Vec<Claimed>) -> BoxFuture<'static, Vec<Failure>> + Send + Sync;

pub(crate) struct Fake {
    behaviour: Box<Behaviour>,
    runs: Mutex<Vec<Vec<Claimed>>>,
    running: AtomicUsize,
    peak: AtomicUsize,
}

impl Fake {
    pub(crate) fn new<F>(behaviour: impl Fn(Vec<Claimed>) -> F + Send + Sync + 'static) -> Arc<Self>
    where
        F: Future<Output = Vec<Failure>> + Send + 'static,
    {
        Arc::new(Self {
            behaviour: Box::new(move |group| Box::pin(behaviour(group))),
            runs: Mutex::default(),
            running: AtomicUsize::new(0),
            peak: AtomicUsize::new(0),
        })
    }

    /// Does all that it is given.
    pub(crate) fn diligent(ledger: &Ledger) -> Arc<Self> {
        let ledger = ledger.clone();
        Self::new(move |group| {
            let ledger = ledger.clone();
            async move { finish(&ledger, &group).await }
        })
    }

    /// Does all that it is given, each run once there is a permit for it.
    pub(crate) fn patient(ledger: &Ledger) -> (Arc<Self>, Arc<Semaphore>) {
        let gate = Arc::new(Semaphore::new(0));
        let (ledger, held) = (ledger.clone(), Arc::clone(&gate));
        let worker = Self::new(move |group| {
            let (ledger, gate) = (ledger.clone(), Arc::clone(&held));
            async move {
                gate.acquire().await.unwrap().forget();
                finish(&ledger, &group).await
            }
        });
        (worker, gate)
    }

    /// Fails all that it is given in the same way.
    pub(crate) fn failing(fault: Fault) -> Arc<Self> {
        Self::new(move |group| {
            let fault = fault.clone();
            async move { Failure::all(&group, &fault) }
        })
    }

    pub(crate) fn runs(&self) -> Vec<Vec<Claimed>> {
        self.runs.lock().unwrap().clone()
    }

    /// In how many runs a piece of work was.
    pub(crate) fn runs_of(&self, work: WorkId) -> Vec<usize> {
        let runs = self.runs();
        let with = runs.iter().filter(|group| group.iter().any(|one| one.lease.work == work));
        with.map(Vec::len).collect()
    }

    /// How many groups run now.
    pub(crate) fn running(&self) -> usize {
        self.running.load(Ordering::SeqCst)
    }

    /// The most groups that ran at the same time.
    pub(crate) fn peak(&self) -> usize {
        self.peak.load(Ordering::SeqCst)
    }
}

/// Counts a run for as long as it lives, even when it is cut off.
struct Counted<'a>(&'a AtomicUsize);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Worker for Fake {
    fn name(&self) -> &'static str {
        "fake"
    }

    async fn run(&self, group: Vec<Claimed>) -> Vec<Failure> {
        self.runs.lock().unwrap().push(group.clone());
        let now = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        let _counted = Counted(&self.running);
        self.peak.fetch_max(now, Ordering::SeqCst);
        (self.behaviour)(group).await
    }
}

/// Commits the effect of challenge work: one challenge each.
pub(crate) async fn finish(ledger: &Ledger, group: &[Claimed]) -> Vec<Failure> {
    let made = group.iter().map(|one| (one.lease, one.request, challenge(ledger))).collect();
    match ledger.challenged(made).await {
        Ok(()) => Vec::new(),
        Err(error) => Failure::all(group, &error.into()),
    }
}

fn challenge(ledger: &Ledger) -> NewChallenge {
    let ends = ledger.ids().now() + TimeDelta::hours(24);
    NewChallenge {
        purpose: Purpose::Identity,
        link: Some((ledger.vault().new_token().hash(), ends)),
        code: None,
        tries: 5,
        package: None,
        to: Personal::new(format!("{}@example.com", ledger.ids().fresh::<WorkId>().uuid())),
        letter: Letter::Verify {
            rights: vec![Right::Access],
            link: Personal::new("https://privacy.example.com/en/confirm/x".to_owned()),
            link_expires_at: ends,
            code: Personal::new("12345678".to_owned()),
            code_expires_at: ends,
        },
    }
}
