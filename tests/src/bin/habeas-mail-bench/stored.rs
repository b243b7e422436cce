//! The whole way of a mail: out of the mbox into the state database, read under a lease, decided. Requests are not made
//! of them: what asks for something is left to staff, so that the figure is that of the mailbox alone.

use std::{path::Path, sync::Arc, time::Instant};

use anyhow::{Result, ensure};
use async_trait::async_trait;
use habeas_domain::{FieldProblem, Ids, SystemClock, SystemEntropy};
use habeas_ledger::{Accepted, Ledger, LedgerOptions, NewReceivedMail};
use habeas_mailbox::{
    Reader, ReaderOptions,
    source::{Bell, import::Import},
    understand,
    worker::{ActOptions, Intake, MailWorker, NotTaken, Ports, TakenMail},
};
use habeas_migrations::{Migrator, MigratorTrait};
use habeas_test_support::shared::postgres_database;
use habeas_vault::{CodeOptions, KeyRing, Vault};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::peak_rss;

/// How many mails one transaction stores, as `habeas mail import` does.
const AT_ONCE: usize = 64;

const LARGEST: u64 = 40_000_000;

struct ToStaff;

#[async_trait]
impl Intake for ToStaff {
    async fn take(&self, _: TakenMail) -> Result<Accepted, NotTaken> {
        let problem =
            FieldProblem { field: "rights".to_owned(), code: "not-offered", message: String::new() };
        Err(NotTaken::Problems(vec![problem]))
    }
}

/// Stores, reads and decides the mails of `file`.
pub(crate) fn measure(file: &Path, mails: usize, workers: usize) -> Result<Value> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build()?;
    runtime.block_on(way(file, mails, workers))
}

async fn way(file: &Path, mails: usize, workers: usize) -> Result<Value> {
    let database = postgres_database().await?;
    let db = LedgerOptions::new(database.url.clone()).open().await?;
    Migrator::up(&db, None).await?;
    let ring = KeyRing::generate(&SystemEntropy, &SystemClock);
    let vault = Vault::new(&ring, Arc::new(SystemEntropy), CodeOptions::default())?;
    let ledger = Ledger::new(db, vault, Ids::new(Arc::new(SystemClock), Arc::new(SystemEntropy)));
    let start = Instant::now();
    let (groups, early) = store(&ledger, file, mails).await?;
    let stored = start.elapsed().as_secs_f64();
    read_all(&ledger, workers).await?;
    let seconds = start.elapsed().as_secs_f64();
    let [stored_still, ..] = ledger.waiting_mails().await?;
    ensure!(stored_still.count == 0, "{} mails were not decided", stored_still.count);
    Ok(json!({
        "seconds": seconds,
        "mails_per_second": f64::from(u32::try_from(mails)?) / seconds,
        "seconds_to_store": stored,
        "transactions_to_store": groups,
        "peak_rss_after_a_tenth_mib": early,
        "peak_rss_mib": peak_rss()?,
    }))
}

/// Returns in how many transactions, and the most memory that the first tenth took.
async fn store(ledger: &Ledger, file: &Path, mails: usize) -> Result<(usize, f64)> {
    let (mut groups, mut count, mut early) = (0, 0, None);
    let mut group = Vec::with_capacity(AT_ONCE);
    let mut import = Import::from_path(file, LARGEST)?;
    loop {
        let next = import.next().transpose()?;
        let is_end = next.is_none();
        if let Some(mail) = next {
            let received_at = ledger.ids().now();
            let (mailbox, content) = ("import".to_owned(), mail.content);
            group.push(NewReceivedMail { mailbox, place: None, received_at, content, delivery: None });
        }
        if group.len() >= AT_ONCE || is_end && !group.is_empty() {
            let stored = ledger.store_mails(&group, None).await?;
            ensure!(stored.iter().all(|one| !one.known), "a mail was taken for another");
            (groups, count) = (groups + 1, count + group.len());
            group.clear();
            if early.is_none() && count * 10 >= mails {
                early = Some(peak_rss()?);
            }
        }
        if is_end {
            ensure!(count == mails, "{count} mails of {mails} were stored");
            return Ok((groups, early.unwrap_or_default()));
        }
    }
}

/// As several processes would read them.
async fn read_all(ledger: &Ledger, workers: usize) -> Result<()> {
    let reader = Reader::new(ReaderOptions::default())?;
    let mut tasks = JoinSet::new();
    for _ in 0..workers {
        let reader = reader.clone();
        let ports = Ports {
            reads: Arc::new(move |raw: &[u8]| understand(raw, &reader)),
            intake: Arc::new(ToStaff),
            authenticates: None,
            threads: None,
            bounces: None,
        };
        let (bell, answers) = (Bell::default(), Bell::default());
        let worker = MailWorker::new(ledger.clone(), ports, ActOptions::default(), bell, answers);
        tasks.spawn(async move {
            let running = CancellationToken::new();
            while worker.round(&running).await? > 0 {}
            Ok::<_, habeas_ledger::LedgerError>(())
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    Ok(())
}
