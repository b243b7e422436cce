//! [`DataStore`], the one trait that every connector and every layer implements.

use std::{pin::Pin, sync::Arc};

use async_trait::async_trait;
use futures::Stream;
use habeas_domain::schema::CollectionSchema;

use crate::{Capabilities, ChangeReport, ChangeSet, OwnedRow, Scan, ScanPage, Selection, StoreError};

/// Rows as they arrive. Dropping it ends the reading.
pub type RowStream<'a> = Pin<Box<dyn Stream<Item = Result<OwnedRow, StoreError>> + Send + 'a>>;

/// A data store that holds people's data.
///
/// Whatever values a selection carries, a store compares them as values, never as statements or patterns. A
/// row goes only to the owners that [`Attribution`](crate::Attribution) names, however loosely the store itself compares.
#[async_trait]
pub trait DataStore: Send + Sync + 'static {
    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// Whether it answers.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Its live schema.
    async fn describe(&self) -> Result<Vec<CollectionSchema>, StoreError>;

    /// The rows of the group. The stream may fail in its middle; rows given until then are good.
    async fn select<'a>(&'a self, selection: &'a Selection) -> Result<RowStream<'a>, StoreError>;

    /// A page of all rows of a collection, whoever they belong to.
    async fn scan(&self, scan: &Scan) -> Result<ScanPage, StoreError>;

    /// Makes the changes. Convergent: doing the same again changes nothing more.
    async fn apply(&self, change: &ChangeSet) -> Result<ChangeReport, StoreError>;

    /// Lets go of connections. Later calls fail.
    async fn close(&self);
}

#[async_trait]
impl<S: DataStore + ?Sized> DataStore for Arc<S> {
    fn capabilities(&self) -> Capabilities {
        (**self).capabilities()
    }

    async fn ping(&self) -> Result<(), StoreError> {
        (**self).ping().await
    }

    async fn describe(&self) -> Result<Vec<CollectionSchema>, StoreError> {
        (**self).describe().await
    }

    async fn select<'a>(&'a self, selection: &'a Selection) -> Result<RowStream<'a>, StoreError> {
        (**self).select(selection).await
    }

    async fn scan(&self, scan: &Scan) -> Result<ScanPage, StoreError> {
        (**self).scan(scan).await
    }

    async fn apply(&self, change: &ChangeSet) -> Result<ChangeReport, StoreError> {
        (**self).apply(change).await
    }

    async fn close(&self) {
        (**self).close().await;
    }
}
