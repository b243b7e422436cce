use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use futures::{StreamExt, stream};
use habeas_domain::{CollectionName, FieldName, KeyValue, SeededEntropy, Value, schema::CollectionSchema};
use tokio::time::{Instant, sleep};

use super::*;
use crate::{
    Capabilities, ChangeReport, ChangeSet, Compare, EffectSalt, FaultRates, FaultyStore, FieldMatch,
    MemoryStore, OwnedRow, RowStream, Scan, ScanPage, Selection, StoreError, code,
};

/// Fails its first calls, takes its time, and knows how many callers it had at once.
#[derive(Default)]
struct Slow {
    takes: Duration,
    failures: u32,
    calls: AtomicU32,
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Slow {
    async fn call(&self) -> Result<(), StoreError> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        sleep(self.takes).await;
        self.now.fetch_sub(1, Ordering::SeqCst);
        if call < self.failures { Err(StoreError::temporary(code::UNAVAILABLE, "away")) } else { Ok(()) }
    }
}

#[async_trait]
impl DataStore for Slow {
    fn capabilities(&self) -> Capabilities {
        MemoryStore::new().capabilities()
    }
    async fn ping(&self) -> Result<(), StoreError> {
        self.call().await
    }
    async fn describe(&self) -> Result<Vec<CollectionSchema>, StoreError> {
        self.call().await.map(|()| Vec::new())
    }
    async fn select<'a>(&'a self, _: &'a Selection) -> Result<RowStream<'a>, StoreError> {
        Ok(Box::pin(stream::once(async {
            self.call().await?;
            Ok(OwnedRow { owners: vec![0], values: vec![Value::Int(1)] })
        })))
    }
    async fn scan(&self, _: &Scan) -> Result<ScanPage, StoreError> {
        self.call().await.map(|()| ScanPage { rows: vec![vec![Value::Int(1)]], next: None })
    }
    async fn apply(&self, _: &ChangeSet) -> Result<ChangeReport, StoreError> {
        self.call().await.map(|()| ChangeReport::default())
    }
    async fn close(&self) {}
}

fn selection() -> Selection {
    let values = BTreeMap::from([(KeyValue::new("1").unwrap(), vec![0])]);
    let field = FieldName::new("id").unwrap();
    let matches = vec![FieldMatch { field: field.clone(), compare: Compare::Exact, values }];
    Selection {
        collection: CollectionName::new("t").unwrap(),
        matches,
        except: Vec::new(),
        fields: vec![field],
    }
}

fn scan() -> Scan {
    let (collection, fields) = (CollectionName::new("t").unwrap(), vec![FieldName::new("id").unwrap()]);
    Scan { collection, fields, after: None, limit: 10 }
}

fn change() -> ChangeSet {
    ChangeSet { salt: EffectSalt::new([0; 32]), steps: Vec::new() }
}

fn options() -> LayerOptions {
    LayerOptions { concurrency: 2, ..LayerOptions::default() }
}

fn dressed(
    store: &Arc<Slow>,
    options: &LayerOptions,
    observers: Vec<Arc<dyn Observer>>,
) -> Arc<dyn DataStore> {
    let name = StoreName::new("shop").unwrap();
    layered(&name, Arc::clone(store), options, Arc::new(SeededEntropy::new(1)), observers)
}

#[tokio::test(start_paused = true)]
async fn what_takes_too_long_ends() {
    let slow = Arc::new(Slow { takes: Duration::from_hours(1), ..Slow::default() });
    let store = Timed::new(slow, Duration::from_secs(1), Duration::from_secs(5));
    let begun = Instant::now();
    assert_eq!(store.ping().await.unwrap_err().code(), code::TIMEOUT);
    assert_eq!(store.apply(&change()).await.unwrap_err().code(), code::TIMEOUT);
    let selection = selection();
    let mut rows = store.select(&selection).await.unwrap();
    assert_eq!(rows.next().await.unwrap().unwrap_err().code(), code::TIMEOUT);
    assert!(rows.next().await.is_none(), "a late stream is over");
    assert_eq!(begun.elapsed().as_secs(), 7);
}

#[tokio::test(start_paused = true)]
async fn reads_are_retried_and_writes_are_not() {
    let slow = Arc::new(Slow { failures: 2, ..Slow::default() });
    let store = dressed(&slow, &options(), vec![]);
    let selection = selection();
    assert_eq!(store.select(&selection).await.unwrap().count().await, 1);
    assert_eq!(slow.calls.load(Ordering::SeqCst), 3);

    let slow = Arc::new(Slow { failures: 1, ..Slow::default() });
    assert!(dressed(&slow, &options(), vec![]).apply(&change()).await.is_err());
    assert_eq!(slow.calls.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn retries_end() {
    let slow = Arc::new(Slow { failures: 100, ..Slow::default() });
    assert!(dressed(&slow, &options(), vec![]).describe().await.is_err());
    assert_eq!(slow.calls.load(Ordering::SeqCst), 3);
}

#[tokio::test(start_paused = true)]
async fn no_more_calls_at_once_than_allowed() {
    let slow = Arc::new(Slow { takes: Duration::from_secs(1), ..Slow::default() });
    let store = dressed(&slow, &options(), vec![]);
    let selection = selection();
    let calls = (0..10).map(|_| async { store.select(&selection).await.unwrap().count().await });
    assert_eq!(futures::future::join_all(calls).await, [1; 10]);
    assert_eq!(slow.most.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn calls_keep_their_pace() {
    let slow = Arc::new(Slow::default());
    let store = dressed(&slow, &LayerOptions { rate: Some(10), ..options() }, vec![]);
    let begun = Instant::now();
    for _ in 0..11 {
        store.describe().await.unwrap();
    }
    assert_eq!(begun.elapsed().as_millis(), 1000);
}

#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

impl Observer for Notes {
    fn selected(
        &self,
        store: &StoreName,
        _: &Selection,
        rows: u64,
        failure: Option<&StoreError>,
        _: Duration,
    ) {
        let failure = failure.map(StoreError::code);
        self.0.lock().unwrap().push(format!("{store} select {rows} {failure:?}"));
    }
    fn scanned(&self, store: &StoreName, _: &Scan, page: Result<&ScanPage, &StoreError>, _: Duration) {
        self.0.lock().unwrap().push(format!("{store} scan {:?}", page.ok().map(|page| page.rows.len())));
    }
    fn applied(
        &self,
        store: &StoreName,
        _: &ChangeSet,
        done: Result<&ChangeReport, &StoreError>,
        _: Duration,
    ) {
        self.0.lock().unwrap().push(format!("{store} apply {}", done.is_ok()));
    }
}

#[tokio::test(start_paused = true)]
async fn observers_hear_of_every_call_once() {
    let notes = Arc::new(Notes::default());
    let slow = Arc::new(Slow::default());
    let store = dressed(&slow, &options(), vec![notes.clone(), Arc::new(Metrics)]);
    let selection = selection();
    assert_eq!(store.select(&selection).await.unwrap().count().await, 1);
    drop(store.select(&selection).await.unwrap());
    store.apply(&change()).await.unwrap();
    store.scan(&scan()).await.unwrap();
    let heard = ["shop select 1 None", "shop select 0 None", "shop apply true", "shop scan Some(1)"];
    assert_eq!(*notes.0.lock().unwrap(), heard);
}

#[tokio::test(start_paused = true)]
async fn injected_faults_come_at_their_rates_and_stop_when_told() {
    let rates = FaultRates { done_then_timeout: 10, timeout: 20, refusal: 30 };
    let slow = Arc::new(Slow::default());
    let store = FaultyStore::new(slow.clone(), rates, Arc::new(SeededEntropy::new(7)));
    let mut failed = 0;
    for _ in 0..1000 {
        failed += u64::from(store.apply(&change()).await.is_err());
    }
    assert!((550..650).contains(&failed), "{failed}");
    assert_eq!(store.faults(), failed);
    assert!(
        slow.calls.load(Ordering::SeqCst) > 1000 - u32::try_from(failed).unwrap(),
        "some are done and denied"
    );
    store.calm(true);
    for _ in 0..100 {
        store.apply(&change()).await.unwrap();
    }
}
