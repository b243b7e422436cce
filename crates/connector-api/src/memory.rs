//! A store in memory, as strict as a database: for fast tests of everything that uses stores.

mod constraints;
mod database;
mod references;

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures::stream;
use habeas_domain::{CollectionName, Value, schema::CollectionSchema};

use crate::{
    Capabilities, ChangeReport, ChangeSet, DataStore, Place, Reading, RowStream, Scan, ScanPage, Selection,
    StoreError, code,
};

use database::Database;

/// Collections of rows in memory. It refuses what a database refuses: unknown names, NULL where it is not
/// taken, text that is too long, repeated identities and unique values, references to nothing. Rows that refer to a
/// deleted row with `follows` lose the reference where it may be NULL, and are deleted where it may not.
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    database: Database,
    closed: bool,
}

impl MemoryStore {
    /// A store without collections.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an empty collection, in place of one of the same name.
    pub fn create(&self, schema: CollectionSchema) {
        self.lock().database.create(schema);
    }

    /// Adds rows, their values in the order of the schema's fields; all or none.
    pub fn insert(&self, collection: &CollectionName, rows: Vec<Vec<Value>>) -> Result<(), StoreError> {
        let mut state = self.lock();
        let mut next = state.database.clone();
        next.insert(collection, rows)?;
        state.database = next;
        Ok(())
    }

    /// All rows of a collection in their order of insertion; none if there is no such collection.
    pub fn rows(&self, collection: &CollectionName) -> Vec<Vec<Value>> {
        let state = self.lock();
        state.database.table(collection).map(database::Table::copy).unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> Result<MutexGuard<'_, State>, StoreError> {
        let state = self.lock();
        if state.closed {
            Err(StoreError::permanent(code::CLOSED, "the store was closed"))
        } else {
            Ok(state)
        }
    }
}

#[async_trait]
impl DataStore for MemoryStore {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            driver: "memory",
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
        self.open().map(drop)
    }

    async fn describe(&self) -> Result<Vec<CollectionSchema>, StoreError> {
        Ok(self.open()?.database.schemas())
    }

    async fn select<'a>(&'a self, selection: &'a Selection) -> Result<RowStream<'a>, StoreError> {
        let table = self.open()?.database.table(&selection.collection)?.clone();
        let mut reading = Reading::new(selection);
        let places = table.places(reading.fields())?;
        let rows = (0..table.len()).filter_map(move |at| {
            let values = table.values(at, &places);
            // Most rows are nobody's: a store of its own would not have found them, so they are not counted as dropped.
            let found = reading.finds(&values);
            found.then(|| reading.take(values)).flatten().map(Ok)
        });
        Ok(Box::pin(stream::iter(rows)))
    }

    async fn scan(&self, scan: &Scan) -> Result<ScanPage, StoreError> {
        let table = self.open()?.database.table(&scan.collection)?.clone();
        let given = table.places(&scan.fields.iter().collect::<Vec<_>>())?;
        let limit = scan.limit.max(1) as usize;
        let behind = scan.after.as_ref().and_then(|place| place.0.first()).map(Value::to_text);
        let mut rows = table.in_order();
        rows.retain(|(place, _)| behind.as_ref().is_none_or(|behind| place > behind));
        let more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| more);
        let next = last.map(|(place, _)| Place(vec![Value::Text(place.clone())]));
        Ok(ScanPage { rows: rows.iter().map(|(_, row)| table.values(*row, &given)).collect(), next })
    }

    async fn apply(&self, change: &ChangeSet) -> Result<ChangeReport, StoreError> {
        let mut state = self.open()?;
        let mut next = state.database.clone();
        let mut report = ChangeReport::default();
        for step in &change.steps {
            report.steps.push(next.apply(change, step)?);
        }
        state.database = next;
        Ok(report)
    }

    async fn close(&self) {
        self.lock().closed = true;
    }
}

#[cfg(test)]
mod tests;
