//! Tells observers about every call.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use async_trait::async_trait;
use futures::Stream;
use habeas_domain::{StoreName, schema::CollectionSchema};
use tokio::time::Instant;

use super::Observer;
use crate::{
    Capabilities, ChangeReport, ChangeSet, DataStore, OwnedRow, RowStream, Scan, ScanPage, Selection,
    StoreError,
};

/// A store whose calls are observed.
pub struct Observed<S> {
    name: StoreName,
    inner: S,
    observers: Vec<Arc<dyn Observer>>,
}

impl<S: fmt::Debug> fmt::Debug for Observed<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observed")
            .field("name", &self.name)
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

impl<S> Observed<S> {
    /// Tells these observers, in this order, about the store of that name.
    pub fn new(name: StoreName, inner: S, observers: Vec<Arc<dyn Observer>>) -> Self {
        Self { name, inner, observers }
    }

    fn selected(&self, selection: &Selection, rows: u64, failure: Option<&StoreError>, begun: Instant) {
        for observer in &self.observers {
            observer.selected(&self.name, selection, rows, failure, begun.elapsed());
        }
    }
}

#[async_trait]
impl<S: DataStore> DataStore for Observed<S> {
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
        let begun = Instant::now();
        let rows = self.inner.select(selection).await;
        let rows = rows.inspect_err(|error| self.selected(selection, 0, Some(error), begun))?;
        Ok(Box::pin(Watched { store: self, selection, rows, given: 0, begun, told: false }))
    }

    async fn scan(&self, scan: &Scan) -> Result<ScanPage, StoreError> {
        let begun = Instant::now();
        let page = self.inner.scan(scan).await;
        for observer in &self.observers {
            observer.scanned(&self.name, scan, page.as_ref(), begun.elapsed());
        }
        page
    }

    async fn apply(&self, change: &ChangeSet) -> Result<ChangeReport, StoreError> {
        let begun = Instant::now();
        let outcome = self.inner.apply(change).await;
        for observer in &self.observers {
            observer.applied(&self.name, change, outcome.as_ref(), begun.elapsed());
        }
        outcome
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}

/// Counts rows on their way and tells once, at the end, the first failure or the drop.
struct Watched<'a, S> {
    store: &'a Observed<S>,
    selection: &'a Selection,
    rows: RowStream<'a>,
    given: u64,
    begun: Instant,
    told: bool,
}

impl<S> Watched<'_, S> {
    fn tell(&mut self, failure: Option<&StoreError>) {
        if !self.told {
            self.told = true;
            self.store.selected(self.selection, self.given, failure, self.begun);
        }
    }
}

impl<S: DataStore> Stream for Watched<'_, S> {
    type Item = Result<OwnedRow, StoreError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = ready!(self.rows.as_mut().poll_next(context));
        match &item {
            Some(Ok(_)) => self.given += 1,
            Some(Err(error)) => self.tell(Some(error)),
            None => self.tell(None),
        }
        Poll::Ready(item)
    }
}

impl<S> Drop for Watched<'_, S> {
    fn drop(&mut self) {
        self.tell(None);
    }
}
