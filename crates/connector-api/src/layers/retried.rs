//! A few quick retries of reads.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::{StreamExt, stream};
use habeas_domain::{Entropy, schema::CollectionSchema};
use tokio::time::sleep;

use crate::{
    Capabilities, ChangeReport, ChangeSet, DataStore, RowStream, Scan, ScanPage, Selection, StoreError,
};

/// Tries a read again when it failed for a moment. A selection is tried again only as long as no row of it was
/// given away. Changes are never repeated here: the workflow does that, under its lease and its legal holds.
pub struct Retried<S> {
    inner: S,
    attempts: u32,
    first_pause: Duration,
    entropy: Arc<dyn Entropy>,
}

impl<S: fmt::Debug> fmt::Debug for Retried<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retried")
            .field("inner", &self.inner)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

impl<S: DataStore> Retried<S> {
    /// Tries up to `attempts` times in all, pausing `first_pause`, then twice that, and so on.
    pub fn new(inner: S, attempts: u32, first_pause: Duration, entropy: Arc<dyn Entropy>) -> Self {
        Self { inner, attempts, first_pause, entropy }
    }

    /// Waits before the next attempt, or gives the error back if there is none.
    async fn pause(&self, attempt: u32, error: StoreError) -> Result<(), StoreError> {
        if attempt >= self.attempts || !matches!(error, StoreError::Temporary(_)) {
            return Err(error);
        }
        let mut random = [0; 1];
        self.entropy.fill(&mut random);
        let full = self.first_pause.saturating_mul(1 << (attempt - 1).min(10));
        // Between half and all of it, so that callers that failed together do not return together.
        sleep(full / 2 + full * u32::from(random[0]) / 512).await;
        Ok(())
    }

    async fn begin<'a>(&'a self, selection: &'a Selection) -> Result<RowStream<'a>, StoreError> {
        let mut rows = self.inner.select(selection).await?;
        match rows.next().await {
            None => Ok(Box::pin(stream::empty())),
            Some(Err(error)) => Err(error),
            Some(first) => Ok(Box::pin(stream::iter([first]).chain(rows))),
        }
    }
}

#[async_trait]
impl<S: DataStore> DataStore for Retried<S> {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.inner.ping().await
    }

    async fn describe(&self) -> Result<Vec<CollectionSchema>, StoreError> {
        let mut attempt = 1;
        loop {
            match self.inner.describe().await {
                Err(error) => self.pause(attempt, error).await?,
                described => return described,
            }
            attempt += 1;
        }
    }

    async fn select<'a>(&'a self, selection: &'a Selection) -> Result<RowStream<'a>, StoreError> {
        let mut attempt = 1;
        loop {
            match self.begin(selection).await {
                Err(error) => self.pause(attempt, error).await?,
                begun => return begun,
            }
            attempt += 1;
        }
    }

    async fn scan(&self, scan: &Scan) -> Result<ScanPage, StoreError> {
        let mut attempt = 1;
        loop {
            match self.inner.scan(scan).await {
                Err(error) => self.pause(attempt, error).await?,
                page => return page,
            }
            attempt += 1;
        }
    }

    async fn apply(&self, change: &ChangeSet) -> Result<ChangeReport, StoreError> {
        self.inner.apply(change).await
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}
