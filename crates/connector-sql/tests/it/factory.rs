//! Fixtures as real databases.

use std::sync::Arc;

use async_trait::async_trait;
use habeas_connector_api::DataStore;
use habeas_connector_conformance::{Factory, Fixture, Unmet};
use tokio::sync::Mutex;

use crate::{
    ground::{Ground, Kind},
    sql,
};

/// Makes a new database for each fixture and drops the one before.
pub(crate) struct Databases {
    pub(crate) kind: Kind,
    last: Mutex<Option<(Arc<dyn DataStore>, Ground)>>,
}

impl Databases {
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, last: Mutex::new(None) }
    }
}

#[async_trait]
impl Factory for Databases {
    async fn make(&self, fixture: &Fixture) -> Result<Arc<dyn DataStore>, Unmet> {
        let mut last = self.last.lock().await;
        if let Some((store, _ground)) = last.take() {
            store.close().await;
        }
        let ground = Ground::new(self.kind).await;
        for table in &fixture.tables {
            ground.execute(&sql::create(self.kind, &table.schema)).await;
            for insert in sql::inserts(self.kind, table) {
                ground.execute(&insert).await;
            }
        }
        let store: Arc<dyn DataStore> = Arc::new(ground.store());
        *last = Some((Arc::clone(&store), ground));
        Ok(store)
    }
}
