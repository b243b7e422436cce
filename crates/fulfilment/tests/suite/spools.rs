//! Spools: flat memory, and nothing that was tampered with goes to anybody.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

use anyhow::Result;
use async_trait::async_trait;
use futures::stream;
use habeas_connector_api::{
    Capabilities, ChangeReport, ChangeSet, DataStore, OwnedRow, RowStream, Scan, ScanPage, Selection,
    StoreError,
};
use habeas_domain::{
    JobState, Right, StoreName, Value, WorkKind, WorkState,
    schema::{CollectionSchema, FieldSchema, FieldType},
};
use habeas_fulfilment::{Fulfilment, ResolveWorker, StoreHandle, Stores, TaskWorker};
use habeas_runtime::Worker;
use habeas_test_support::wait;

use crate::company::{Company, Lanes, SOON, TARO, files_below};

const ROWS: u64 = 100_000;
const ROW_BYTES: u64 = 200;

/// One person's hundred thousand rows, made as they are asked for. Remembers how far the spool on disk was ever behind.
struct Endless {
    spools: PathBuf,
    furthest_behind: Arc<Mutex<u64>>,
}

#[async_trait]
impl DataStore for Endless {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            driver: "endless",
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
        Ok(())
    }

    async fn describe(&self) -> Result<Vec<CollectionSchema>, StoreError> {
        let field = |name: &str| FieldSchema {
            name: name.parse().unwrap(),
            kind: FieldType::Text,
            nullable: true,
            max_chars: None,
            generated: false,
        };
        Ok(vec![CollectionSchema {
            name: "ticket".parse().unwrap(),
            fields: ["address", "name", "subject"].map(field).to_vec(),
            identity: Vec::new(),
            unique: Vec::new(),
            indexed: Vec::new(),
            references: Vec::new(),
            obstacles: Vec::new(),
        }])
    }

    async fn select<'a>(&'a self, selection: &'a Selection) -> Result<RowStream<'a>, StoreError> {
        let fields = selection.fields.len();
        let spooling = fields == 3;
        let rows = (0..ROWS).map(move |number| {
            if spooling && number.is_multiple_of(1_000) {
                let there: u64 = files_below(&self.spools)
                    .iter()
                    .filter_map(|file| Some(file.metadata().ok()?.len()))
                    .sum();
                let behind = (number * ROW_BYTES).saturating_sub(there);
                let mut furthest = self.furthest_behind.lock().unwrap();
                *furthest = behind.max(*furthest);
            }
            let mut values = vec![Value::Text(TARO.to_owned())];
            values.resize(fields, Value::Text(format!("{number:0>200}")));
            Ok(OwnedRow { owners: vec![0], values })
        });
        Ok(Box::pin(stream::iter(rows)))
    }

    async fn scan(&self, _: &Scan) -> Result<ScanPage, StoreError> {
        Ok(ScanPage { rows: Vec::new(), next: None })
    }

    async fn apply(&self, _: &ChangeSet) -> Result<ChangeReport, StoreError> {
        Ok(ChangeReport::default())
    }

    async fn close(&self) {}
}

#[tokio::test]
async fn a_person_with_a_hundred_thousand_rows_is_copied_as_they_are_read() -> Result<()> {
    let company = Company::new().await?;
    let furthest_behind = Arc::new(Mutex::new(0));
    let endless =
        Endless { spools: company.folder.path().join("objects"), furthest_behind: furthest_behind.clone() };
    let others = company.fulfilment.stores.iter().filter(|store| store.name.as_str() != "support").cloned();
    let endless = StoreHandle::new(StoreName::new("support")?, Arc::new(endless));
    let fulfilment =
        Fulfilment { stores: Stores::new(others.chain([endless])), ..company.fulfilment.clone() };
    company.start_with(&fulfilment, Lanes::All);
    let request = company.submit(TARO, &[Right::Access], &[]).await?;
    company.closed(request).await?;
    company.stop().await?;
    let job = company.view(request).await?.jobs[0].id;
    let package = company.ledger.package_of_job(job).await?.unwrap();
    assert_eq!(package.rows, ROWS);
    let behind = *furthest_behind.lock().unwrap();
    assert!(behind > 0 && behind < 1024 * 1024, "{behind} bytes were held back");
    Ok(())
}

#[tokio::test]
async fn a_spool_that_was_tampered_with_goes_to_nobody() -> Result<()> {
    let mut company = Company::with_taro().await?;
    company.attempts = 2;
    company.start_with(&company.fulfilment, Lanes::NoConclusion);
    let request = company.submit(TARO, &[Right::Access], &[]).await?;
    company.job_becomes(request, Right::Access, JobState::Concluding).await?;
    company.stop().await?;
    let spools = company.objects("spool");
    assert_eq!(spools.len(), 3, "one per store");
    for spool in spools {
        let mut bytes = std::fs::read(&spool)?;
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&spool, bytes)?;
    }
    company.start();
    wait::until("the conclusion to be parked", SOON, || async {
        let work = company.work(request, WorkKind::Conclude).await.unwrap();
        work.iter().any(|one| one.state == WorkState::Parked)
    })
    .await?;
    company.stop().await?;
    assert!(company.post.ends(request).is_empty() && company.view(request).await?.packages.is_empty());
    assert_eq!(company.objects("package").len(), 0, "the half package is gone too");
    Ok(())
}

/// A worker whose lease was lost ends nothing and takes nothing away from the one that has it now.
#[tokio::test]
async fn a_stale_conclusion_leaves_the_spools_alone() -> Result<()> {
    let company = Company::with_taro().await?;
    company.start_with(&company.fulfilment, Lanes::NoConclusion);
    let request = company.submit(TARO, &[Right::Access], &[]).await?;
    company.job_becomes(request, Right::Access, JobState::Concluding).await?;
    company.stop().await?;
    let work = company.work(request, WorkKind::Conclude).await?;
    let mut stale = company.claim(&work).await?;
    stale[0].lease.epoch -= 1;
    let concluder = habeas_fulfilment::ConcludeWorker::new(company.fulfilment.clone());
    assert!(concluder.run(stale.clone()).await.is_empty());
    assert_eq!(company.objects("spool").len(), 3);
    stale[0].lease.epoch += 1;
    assert!(concluder.run(stale).await.is_empty());
    assert_eq!(company.objects("spool").len(), 0);
    assert_eq!(company.package(request, Right::Access).await?.record.rows, 14);
    Ok(())
}

/// A task that runs again under the same lease, as after a panic in its group, writes beside what it wrote before.
#[tokio::test]
async fn a_second_run_does_not_touch_the_spool_of_the_first() -> Result<()> {
    let company = Company::with_taro().await?;
    let request = company.submit(TARO, &[Right::Access], &[]).await?;
    let resolve = company.claim(&company.work(request, WorkKind::Resolve).await?).await?;
    assert!(ResolveWorker::new(company.fulfilment.clone()).run(resolve).await.is_empty());
    let tasks = company.claim(&company.work(request, WorkKind::Task).await?).await?;
    for task in tasks {
        let worker = TaskWorker::new(company.fulfilment.clone(), task.store.clone().unwrap());
        assert!(worker.run(vec![task.clone()]).await.is_empty());
        company
            .sql(
                "support",
                "INSERT INTO ticket VALUES (NULL, 'taro@example.jp', 'T', 'a later ticket', NULL)",
            )
            .await?;
        assert!(worker.run(vec![task]).await.is_empty());
    }
    assert_eq!(company.objects("spool").len(), 6);
    company.start();
    company.closed(request).await?;
    company.stop().await?;
    assert!(company.package(request, Right::Access).await?.verified.content.rows >= 14);
    assert_eq!(company.objects("spool").len(), 0);
    Ok(())
}
