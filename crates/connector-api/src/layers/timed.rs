//! A time limit on every call.

use std::{future::Future, time::Duration};

use async_trait::async_trait;
use futures::{StreamExt, stream};
use habeas_domain::schema::CollectionSchema;
use tokio::time::timeout;

use crate::{
    Capabilities, ChangeReport, ChangeSet, DataStore, RowStream, Scan, ScanPage, Selection, StoreError, code,
};

/// Ends what takes too long with a temporary error. A change that was cut off may have been done.
#[derive(Debug)]
pub struct Timed<S> {
    inner: S,
    read: Duration,
    write: Duration,
}

impl<S> Timed<S> {
    /// Limits reads (to begin, and per row) and writes.
    pub const fn new(inner: S, read: Duration, write: Duration) -> Self {
        Self { inner, read, write }
    }
}

async fn within<T>(
    limit: Duration,
    call: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    timeout(limit, call).await.unwrap_or_else(|_| Err(late(limit)))
}

fn late(limit: Duration) -> StoreError {
    StoreError::temporary(code::TIMEOUT, format!("the store gave no answer within {limit:?}"))
}

#[async_trait]
impl<S: DataStore> DataStore for Timed<S> {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn ping(&self) -> Result<(), StoreError> {
        within(self.read, self.inner.ping()).await
    }

    async fn describe(&self) -> Result<Vec<CollectionSchema>, StoreError> {
        within(self.read, self.inner.describe()).await
    }

    async fn select<'a>(&'a self, selection: &'a Selection) -> Result<RowStream<'a>, StoreError> {
        let rows = within(self.read, self.inner.select(selection)).await?;
        let limit = self.read;
        Ok(Box::pin(stream::unfold(Some(rows), move |rows| async move {
            let mut rows = rows?;
            match timeout(limit, rows.next()).await {
                Ok(item) => item.map(|item| (item, Some(rows))),
                Err(_) => Some((Err(late(limit)), None)),
            }
        })))
    }

    async fn scan(&self, scan: &Scan) -> Result<ScanPage, StoreError> {
        within(self.read, self.inner.scan(scan)).await
    }

    async fn apply(&self, change: &ChangeSet) -> Result<ChangeReport, StoreError> {
        within(self.write, self.inner.apply(change)).await
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}
