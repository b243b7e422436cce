//! A store that fails on purpose, for tests of everything that must survive that.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use futures::{StreamExt, stream};
use habeas_domain::{Entropy, schema::CollectionSchema};

use crate::{
    Capabilities, ChangeReport, ChangeSet, DataStore, RowStream, Scan, ScanPage, Selection, StoreError, code,
};

/// How many calls in a hundred fail, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultRates {
    /// Done, and then reported as timed out: the worst of all, because nobody knows.
    pub done_then_timeout: u8,
    /// Not done, reported as timed out.
    pub timeout: u8,
    /// Not done, refused at once.
    pub refusal: u8,
}

/// What a call meets.
enum Fate {
    Well,
    DoneThenTimeout,
    Timeout,
    Refusal,
}

/// Wraps a store. The same entropy gives the same faults in the same order of calls.
pub struct FaultyStore<S> {
    inner: S,
    rates: FaultRates,
    entropy: Arc<dyn Entropy>,
    calm: AtomicBool,
    faults: AtomicU64,
}

impl<S: fmt::Debug> fmt::Debug for FaultyStore<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyStore")
            .field("inner", &self.inner)
            .field("rates", &self.rates)
            .finish_non_exhaustive()
    }
}

impl<S> FaultyStore<S> {
    /// Fails at these rates.
    pub const fn new(inner: S, rates: FaultRates, entropy: Arc<dyn Entropy>) -> Self {
        Self { inner, rates, entropy, calm: AtomicBool::new(false), faults: AtomicU64::new(0) }
    }

    /// Fails no more (or again).
    pub fn calm(&self, calm: bool) {
        self.calm.store(calm, Ordering::SeqCst);
    }

    /// How many faults there were: a test that met none has shown nothing.
    pub fn faults(&self) -> u64 {
        self.faults.load(Ordering::SeqCst)
    }

    fn fate(&self) -> Fate {
        let roll = self.roll(100);
        let FaultRates { done_then_timeout, timeout, refusal } = self.rates;
        let bounds = [done_then_timeout, timeout, refusal].map(u32::from);
        let fate = match roll {
            _ if self.calm.load(Ordering::SeqCst) => Fate::Well,
            roll if roll < bounds[0] => Fate::DoneThenTimeout,
            roll if roll < bounds[0] + bounds[1] => Fate::Timeout,
            roll if roll < bounds[0] + bounds[1] + bounds[2] => Fate::Refusal,
            _ => Fate::Well,
        };
        if !matches!(fate, Fate::Well) {
            self.faults.fetch_add(1, Ordering::SeqCst);
        }
        fate
    }

    fn roll(&self, sides: u32) -> u32 {
        let mut random = [0; 4];
        self.entropy.fill(&mut random);
        u32::from_be_bytes(random) % sides
    }
}

fn timed_out() -> StoreError {
    StoreError::temporary(code::TIMEOUT, "the store gave no answer in time (injected)")
}

fn refused() -> StoreError {
    StoreError::temporary(code::UNAVAILABLE, "the store refused (injected)")
}

#[async_trait]
impl<S: DataStore> DataStore for FaultyStore<S> {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn ping(&self) -> Result<(), StoreError> {
        match self.fate() {
            Fate::Well => self.inner.ping().await,
            Fate::Refusal => Err(refused()),
            Fate::Timeout | Fate::DoneThenTimeout => Err(timed_out()),
        }
    }

    async fn describe(&self) -> Result<Vec<CollectionSchema>, StoreError> {
        match self.fate() {
            Fate::Well => self.inner.describe().await,
            Fate::Refusal => Err(refused()),
            Fate::Timeout | Fate::DoneThenTimeout => Err(timed_out()),
        }
    }

    /// Of a selection that is "done", up to three rows arrive before it breaks.
    async fn select<'a>(&'a self, selection: &'a Selection) -> Result<RowStream<'a>, StoreError> {
        match self.fate() {
            Fate::Well => self.inner.select(selection).await,
            Fate::Refusal => Err(refused()),
            Fate::Timeout => Err(timed_out()),
            Fate::DoneThenTimeout => {
                let rows = self.inner.select(selection).await?.take(self.roll(4) as usize);
                Ok(Box::pin(rows.chain(stream::iter([Err(timed_out())]))))
            }
        }
    }

    async fn scan(&self, scan: &Scan) -> Result<ScanPage, StoreError> {
        match self.fate() {
            Fate::Well => self.inner.scan(scan).await,
            Fate::Refusal => Err(refused()),
            Fate::Timeout | Fate::DoneThenTimeout => Err(timed_out()),
        }
    }

    async fn apply(&self, change: &ChangeSet) -> Result<ChangeReport, StoreError> {
        match self.fate() {
            Fate::Well => self.inner.apply(change).await,
            Fate::Refusal => Err(refused()),
            Fate::Timeout => Err(timed_out()),
            Fate::DoneThenTimeout => self.inner.apply(change).await.and(Err(timed_out())),
        }
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}
