//! [`SqlStore`], whichever the database.

use async_trait::async_trait;
use habeas_connector_api::{
    Capabilities, ChangeReport, ChangeSet, DataStore, RowStream, Scan, ScanPage, Selection, StoreError,
};
use habeas_domain::schema::CollectionSchema;

use crate::{
    Driver, SqlOptions, engine::Engine, mysql::MySqlDialect, postgres::PostgresDialect, sqlite::SqliteDialect,
};

/// A SQL database as a data store.
pub struct SqlStore {
    engine: Box<dyn DataStore>,
}

impl std::fmt::Debug for SqlStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqlStore").field("driver", &self.capabilities().driver).finish_non_exhaustive()
    }
}

impl SqlStore {
    /// A store that connects when it is first asked for something, so that a daemon starts while a store is away.
    /// Fails only for wrong options. Must be called within a Tokio runtime.
    pub fn open(options: &SqlOptions) -> Result<Self, StoreError> {
        let engine: Box<dyn DataStore> = match options.driver()? {
            Driver::Postgres => Box::new(Engine::<PostgresDialect>::open(options)?),
            Driver::MySql => Box::new(Engine::<MySqlDialect>::open(options)?),
            Driver::Sqlite => Box::new(Engine::<SqliteDialect>::open(options)?),
        };
        Ok(Self { engine })
    }

    /// A store that has shown that it answers.
    pub async fn connect(options: &SqlOptions) -> Result<Self, StoreError> {
        let store = Self::open(options)?;
        store.ping().await?;
        Ok(store)
    }
}

#[async_trait]
impl DataStore for SqlStore {
    fn capabilities(&self) -> Capabilities {
        self.engine.capabilities()
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.engine.ping().await
    }

    async fn describe(&self) -> Result<Vec<CollectionSchema>, StoreError> {
        self.engine.describe().await
    }

    async fn select<'a>(&'a self, selection: &'a Selection) -> Result<RowStream<'a>, StoreError> {
        self.engine.select(selection).await
    }

    async fn scan(&self, scan: &Scan) -> Result<ScanPage, StoreError> {
        self.engine.scan(scan).await
    }

    async fn apply(&self, change: &ChangeSet) -> Result<ChangeReport, StoreError> {
        self.engine.apply(change).await
    }

    async fn close(&self) {
        self.engine.close().await;
    }
}
