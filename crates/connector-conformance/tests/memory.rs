//! The store in memory passes the suite, and a store that errs does not.

use std::sync::Arc;

use async_trait::async_trait;
use futures::{StreamExt, stream};
use habeas_connector_api::{
    Capabilities, ChangeReport, ChangeSet, Compare, DataStore, FaultRates, FaultyStore, MemoryStore,
    RowStream, Scan, ScanPage, Selection, StoreError,
};
use habeas_connector_conformance::{Factory, Fixture, Unmet, run};
use habeas_domain::{SeededEntropy, schema::CollectionSchema};

struct Memory;

fn filled(fixture: &Fixture) -> Result<MemoryStore, Unmet> {
    let store = MemoryStore::new();
    for table in &fixture.tables {
        store.create(table.schema.clone());
        store.insert(&table.schema.name, table.each_row().collect())?;
    }
    Ok(store)
}

#[async_trait]
impl Factory for Memory {
    async fn make(&self, fixture: &Fixture) -> Result<Arc<dyn DataStore>, Unmet> {
        Ok(Arc::new(filled(fixture)?))
    }
}

#[tokio::test]
async fn the_store_in_memory_conforms() {
    let report = run(&Memory).await.unwrap().verdict().unwrap();
    println!("{report}");
    assert_eq!(report.not_applicable(), 0);
}

/// Fails most calls, some of them after it has done them.
struct Forgetful;

#[async_trait]
impl Factory for Forgetful {
    async fn make(&self, fixture: &Fixture) -> Result<Arc<dyn DataStore>, Unmet> {
        let rates = FaultRates { done_then_timeout: 20, timeout: 20, refusal: 20 };
        Ok(Arc::new(FaultyStore::new(filled(fixture)?, rates, Arc::new(SeededEntropy::new(3)))))
    }
}

#[tokio::test]
async fn a_store_that_fails_does_not_conform() {
    assert!(run(&Forgetful).await.unwrap().verdict().is_err());
}

/// Promises to change nothing, and ignores the case of all keys.
struct Careless(MemoryStore);

#[async_trait]
impl DataStore for Careless {
    fn capabilities(&self) -> Capabilities {
        Capabilities { delete: false, rewrite: false, ..self.0.capabilities() }
    }
    async fn ping(&self) -> Result<(), StoreError> {
        self.0.ping().await
    }
    async fn describe(&self) -> Result<Vec<CollectionSchema>, StoreError> {
        self.0.describe().await
    }
    async fn select<'a>(&'a self, selection: &'a Selection) -> Result<RowStream<'a>, StoreError> {
        let mut careless = selection.clone();
        careless.matches.iter_mut().for_each(|one| one.compare = Compare::Caseless);
        let rows: Vec<_> = self.0.select(&careless).await?.collect().await;
        Ok(Box::pin(stream::iter(rows)))
    }
    async fn scan(&self, scan: &Scan) -> Result<ScanPage, StoreError> {
        self.0.scan(scan).await
    }
    async fn apply(&self, change: &ChangeSet) -> Result<ChangeReport, StoreError> {
        self.0.apply(change).await
    }
    async fn close(&self) {
        self.0.close().await;
    }
}

struct CarelessFactory;

#[async_trait]
impl Factory for CarelessFactory {
    async fn make(&self, fixture: &Fixture) -> Result<Arc<dyn DataStore>, Unmet> {
        Ok(Arc::new(Careless(filled(fixture)?)))
    }
}

#[tokio::test]
async fn one_wrong_promise_is_found_and_the_rest_is_counted() {
    let report = run(&CarelessFactory).await.unwrap();
    assert!(report.not_applicable() > 10, "what it does not promise is counted: {report}");
    let shown = report.to_string();
    assert!(shown.contains("FAILED  a_looser_equality_gives_nobody_anything"), "{shown}");
    assert!(
        shown.contains("FAILED  a_hundred_thousand_rows_take_flat_memory"),
        "all rows were in memory: {shown}"
    );
    assert!(report.verdict().is_err());
}
