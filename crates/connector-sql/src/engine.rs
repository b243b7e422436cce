//! The engine that every dialect shares.

mod changing;
mod parts;
mod querying;
mod scanning;
mod session;

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use habeas_connector_api::{
    Capabilities, ChangeReport, ChangeSet, DataStore, RowStream, Scan, ScanPage, Selection, StoreError, code,
};
use habeas_domain::{CollectionName, schema::CollectionSchema};
use sqlx::Pool;

use crate::{
    SqlOptions,
    dialect::{Dialect, Limits},
    failure::store_error,
    statement::Statement,
    table::{Catalog, Table},
};

/// A database of one dialect.
pub(crate) struct Engine<D: Dialect> {
    pool: Pool<D::Db>,
    limits: Limits,
    /// What is known of the schema. Thrown away when the database says that it is no longer true.
    catalog: RwLock<Option<Arc<Catalog<D::Native>>>>,
}

impl<D: Dialect> Engine<D> {
    pub(crate) fn open(options: &SqlOptions) -> Result<Self, StoreError> {
        Ok(Self { pool: D::pool(options)?, limits: Limits::of(options), catalog: RwLock::new(None) })
    }

    /// The table, asking the database again if it was not there when last asked.
    async fn table(&self, name: &CollectionName) -> Result<Arc<Table<D::Native>>, StoreError> {
        let known = self.catalog.read().unwrap_or_else(PoisonError::into_inner).clone();
        match known.and_then(|catalog| catalog.table(name).ok()) {
            Some(table) => Ok(table),
            None => self.read_catalog().await?.table(name),
        }
    }

    async fn read_catalog(&self) -> Result<Arc<Catalog<D::Native>>, StoreError> {
        let tables = D::tables(&self.pool).await.map_err(store_error::<D>)?;
        let catalog = Arc::new(Catalog::new(tables));
        *self.catalog.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&catalog));
        Ok(catalog)
    }

    /// Forgets the schema if the failure says that it changed.
    fn doubt(&self, error: &StoreError) {
        if matches!(error.code(), code::UNKNOWN_COLLECTION | code::UNKNOWN_FIELD | code::CONFLICT) {
            *self.catalog.write().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}

#[async_trait]
impl<D: Dialect> DataStore for Engine<D> {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            driver: D::DRIVER,
            transactions: true,
            streaming: true,
            delete: true,
            rewrite: true,
            schema: true,
            caseless: true,
            max_values: None,
        }
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await.map_err(store_error::<D>)?;
        D::execute(&mut connection, Statement::new("SELECT 1")).await.map_err(store_error::<D>)?;
        Ok(())
    }

    async fn describe(&self) -> Result<Vec<CollectionSchema>, StoreError> {
        Ok(self.read_catalog().await?.schemas())
    }

    async fn select<'a>(&'a self, selection: &'a Selection) -> Result<RowStream<'a>, StoreError> {
        let table = self.table(&selection.collection).await?;
        querying::select(self, &table, selection).inspect_err(|error| self.doubt(error))
    }

    async fn scan(&self, scan: &Scan) -> Result<ScanPage, StoreError> {
        let table = self.table(&scan.collection).await?;
        scanning::page(self, &table, scan).await.inspect_err(|error| self.doubt(error))
    }

    async fn apply(&self, change: &ChangeSet) -> Result<ChangeReport, StoreError> {
        changing::apply(self, change).await.inspect_err(|error| self.doubt(error))
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}
