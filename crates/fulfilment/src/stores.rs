use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use habeas_connector_api::DataStore;
use habeas_domain::{StoreName, schema::CollectionSchema};

use crate::FulfilmentError;

/// How long a live schema is believed.
const SCHEMA_AGE: Duration = Duration::from_mins(5);

/// A live schema and when it was asked for.
type Asked = (Instant, Arc<Vec<CollectionSchema>>);

/// A registered store with its connection.
#[derive(Clone)]
pub struct StoreHandle {
    /// Its name.
    pub name: StoreName,
    /// Its connection, with all layers.
    pub store: Arc<dyn DataStore>,
    schema: Arc<Mutex<Option<Asked>>>,
}

impl StoreHandle {
    /// A store and its connection.
    pub fn new(name: StoreName, store: Arc<dyn DataStore>) -> Self {
        Self { name, store, schema: Arc::default() }
    }

    /// The live schema, asked for at most every five minutes.
    pub async fn schema(&self) -> Result<Arc<Vec<CollectionSchema>>, FulfilmentError> {
        let known = self.schema.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, schema)) = known.filter(|(asked, _)| asked.elapsed() < SCHEMA_AGE) {
            return Ok(schema);
        }
        let schema = Arc::new(self.store.describe().await.map_err(FulfilmentError::of_store(&self.name))?);
        *self.schema.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now(), Arc::clone(&schema)));
        Ok(schema)
    }
}

impl std::fmt::Debug for StoreHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("StoreHandle").field(&self.name).finish()
    }
}

/// The connections to the registered stores.
#[derive(Debug, Clone, Default)]
pub struct Stores(BTreeMap<StoreName, StoreHandle>);

impl Stores {
    /// These stores.
    pub fn new(stores: impl IntoIterator<Item = StoreHandle>) -> Self {
        Self(stores.into_iter().map(|store| (store.name.clone(), store)).collect())
    }

    /// The connection to one store.
    pub fn get(&self, name: &StoreName) -> Result<&StoreHandle, FulfilmentError> {
        self.0.get(name).ok_or_else(|| FulfilmentError::UnknownStore(name.clone()))
    }

    /// Every connection.
    pub fn iter(&self) -> impl Iterator<Item = &StoreHandle> {
        self.0.values()
    }
}
