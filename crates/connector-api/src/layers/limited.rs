//! No more calls at once, and no more per second, than a store is meant to bear.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::StreamExt;
use habeas_domain::schema::CollectionSchema;
use tokio::{
    sync::{Mutex, OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep_until},
};

use crate::{
    Capabilities, ChangeReport, ChangeSet, DataStore, RowStream, Scan, ScanPage, Selection, StoreError, code,
};

/// Lets calls wait for their turn. A selection holds its place until its stream ends or is dropped, so a caller
/// that reads and changes the same store at once needs two places.
#[derive(Debug)]
pub struct Limited<S> {
    inner: S,
    places: Arc<Semaphore>,
    pace: Option<Pace>,
}

/// Calls begin no closer together than the interval.
#[derive(Debug)]
struct Pace {
    interval: Duration,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    async fn wait(&self) {
        let mut next = self.next.lock().await;
        let now = Instant::now();
        let turn = next.unwrap_or(now).max(now);
        *next = Some(turn + self.interval);
        drop(next);
        sleep_until(turn).await;
    }
}

impl<S> Limited<S> {
    /// At most `concurrency` calls at once (at least one), and `rate` beginning per second if given.
    pub fn new(inner: S, concurrency: usize, rate: Option<u32>) -> Self {
        let pace =
            |rate: u32| Pace { interval: Duration::from_secs(1) / rate.max(1), next: Mutex::new(None) };
        Self { inner, places: Arc::new(Semaphore::new(concurrency.max(1))), pace: rate.map(pace) }
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(|_| StoreError::permanent(code::CLOSED, "the store was closed"))?;
        if let Some(pace) = &self.pace {
            pace.wait().await;
        }
        Ok(place)
    }
}

#[async_trait]
impl<S: DataStore> DataStore for Limited<S> {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    /// A health check must be able to tell that a busy store is alive, so it waits for no turn.
    async fn ping(&self) -> Result<(), StoreError> {
        self.inner.ping().await
    }

    async fn describe(&self) -> Result<Vec<CollectionSchema>, StoreError> {
        let _place = self.turn().await?;
        self.inner.describe().await
    }

    async fn select<'a>(&'a self, selection: &'a Selection) -> Result<RowStream<'a>, StoreError> {
        let place = self.turn().await?;
        let rows = self.inner.select(selection).await?;
        Ok(Box::pin(rows.map(move |row| {
            let _held = &place;
            row
        })))
    }

    async fn scan(&self, scan: &Scan) -> Result<ScanPage, StoreError> {
        let _place = self.turn().await?;
        self.inner.scan(scan).await
    }

    async fn apply(&self, change: &ChangeSet) -> Result<ChangeReport, StoreError> {
        let _place = self.turn().await?;
        self.inner.apply(change).await
    }

    async fn close(&self) {
        self.places.close();
        self.inner.close().await;
    }
}
