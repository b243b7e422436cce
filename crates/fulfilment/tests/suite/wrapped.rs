//! Stores that misbehave in the one way that a test is about.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use futures::{StreamExt, stream};
use habeas_connector_api::{
    Capabilities, ChangeReport, ChangeSet, DataStore, RowStream, Scan, ScanPage, Selection, StoreError, code,
};
use habeas_domain::schema::CollectionSchema;

/// What a store does wrong, as long as it is switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// Refuses everything for good.
    Refuses,
    /// Refuses every change for good.
    RefusesChanges,
    /// Refuses every group in which this key is.
    Poison(&'static str),
    /// Changes what it is asked to and then reports a timeout, the first time each.
    DoneThenTimeout,
    /// Changes nothing of whom this key finds, and says nothing of it.
    Spares(&'static str),
    /// Breaks off each selection after a row, the first so many times.
    BreaksOff(usize),
}

pub(crate) struct Wrapped {
    inner: Arc<dyn DataStore>,
    wrong: Mutex<Option<Wrong>>,
    changes: AtomicUsize,
    steps: AtomicUsize,
    selections: AtomicUsize,
}

impl Wrapped {
    pub(crate) fn new(inner: Arc<dyn DataStore>) -> Arc<Self> {
        Arc::new(Self {
            inner,
            wrong: Mutex::default(),
            changes: AtomicUsize::new(0),
            steps: AtomicUsize::new(0),
            selections: AtomicUsize::new(0),
        })
    }

    pub(crate) fn goes(&self, wrong: Wrong) {
        self.changes.store(0, Ordering::SeqCst);
        self.selections.store(0, Ordering::SeqCst);
        *self.wrong.lock().unwrap() = Some(wrong);
    }

    pub(crate) fn is_right_again(&self) {
        *self.wrong.lock().unwrap() = None;
    }

    /// How often it was asked to change something since it went wrong.
    pub(crate) fn changes(&self) -> usize {
        self.changes.load(Ordering::SeqCst)
    }

    /// How often it was asked to change or to select something in one collection, in all.
    pub(crate) fn asked(&self) -> usize {
        self.steps.load(Ordering::SeqCst) + self.selections.load(Ordering::SeqCst)
    }

    fn wrong(&self) -> Option<Wrong> {
        *self.wrong.lock().unwrap()
    }
}

fn refusal() -> StoreError {
    StoreError::permanent(code::DENIED, "the store refuses (in a test)")
}

fn is_about(matches: &[habeas_connector_api::FieldMatch], poison: &str) -> bool {
    matches.iter().flat_map(|one| one.values.keys()).any(|key| key.as_str() == poison)
}

#[async_trait]
impl DataStore for Wrapped {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.inner.ping().await
    }

    async fn describe(&self) -> Result<Vec<CollectionSchema>, StoreError> {
        self.inner.describe().await
    }

    async fn select<'a>(&'a self, selection: &'a Selection) -> Result<RowStream<'a>, StoreError> {
        let number = self.selections.fetch_add(1, Ordering::SeqCst);
        match self.wrong() {
            Some(Wrong::Refuses) => Err(refusal()),
            Some(Wrong::Poison(key)) if is_about(&selection.matches, key) => Err(refusal()),
            Some(Wrong::BreaksOff(times)) if number < times => {
                let broken = StoreError::temporary(code::UNAVAILABLE, "broken off (in a test)");
                let rows = self.inner.select(selection).await?.take(1);
                Ok(Box::pin(rows.chain(stream::iter([Err(broken)]))))
            }
            _ => self.inner.select(selection).await,
        }
    }

    async fn scan(&self, scan: &Scan) -> Result<ScanPage, StoreError> {
        self.inner.scan(scan).await
    }

    async fn apply(&self, change: &ChangeSet) -> Result<ChangeReport, StoreError> {
        let number = self.changes.fetch_add(1, Ordering::SeqCst);
        self.steps.fetch_add(change.steps.len(), Ordering::SeqCst);
        match self.wrong() {
            Some(Wrong::Refuses | Wrong::RefusesChanges) => Err(refusal()),
            Some(Wrong::Poison(key)) if change.steps.iter().any(|step| is_about(&step.matches, key)) => {
                Err(refusal())
            }
            Some(Wrong::Spares(key)) => {
                let mut others = change.clone();
                let matches = others.steps.iter_mut().flat_map(|step| &mut step.matches);
                matches.for_each(|one| one.values.retain(|value, _| value.as_str() != key));
                self.inner.apply(&others).await
            }
            Some(Wrong::DoneThenTimeout) if number == 0 => {
                self.inner.apply(change).await?;
                Err(StoreError::temporary(code::TIMEOUT, "done, and nobody was told (in a test)"))
            }
            _ => self.inner.apply(change).await,
        }
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}
