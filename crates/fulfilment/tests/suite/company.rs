//! A small fictional company: three SQLite stores whose keys go round, a state database, and all workers.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::{Context as _, Result};
use chrono::{DateTime, TimeDelta, Utc};
use habeas_connector_api::DataStore;
use habeas_connector_sql::{SqlOptions, SqlStore};
use habeas_domain::{
    Actor, Bilingual, Clock, Entropy, Ids, JobState, Links, ManualClock, Regimes, RequestId, RequestState,
    Right, StoreName, SystemClock, SystemEntropy, TokenId, WorkId, WorkKind, WorkState, WorkerId,
    approval::ApprovalPolicy,
};
use habeas_fulfilment::{
    ConcludeWorker, Controller, Fulfilment, FulfilmentOptions, Objects, ResolveWorker, StoreHandle, Stores,
    TaskWorker,
};
use habeas_ledger::{Claimed, JobView, Ledger, LedgerOptions, RequestView, WorkFilter, WorkView};
use habeas_messages::queues;
use habeas_queue::{EmbeddedQueue, Queue};
use habeas_runtime::{LaneOptions, RetryPolicy, Runtime, RuntimeError, RuntimeOptions, Worker};
use habeas_test_support::wait;
use habeas_vault::{CodeCost, CodeOptions, KeyRing, Vault};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::Value;
use sqlx::{Row, SqlitePool, sqlite::SqliteConnectOptions};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    manifests::{BILLING, TABLES, registry},
    post::Post,
    wrapped::Wrapped,
};

type Running = (CancellationToken, JoinHandle<Result<(), RuntimeError>>);

/// Longer than anything that is expected to happen.
pub(crate) const SOON: Duration = Duration::from_secs(150);

pub(crate) const TARO: &str = "taro@example.jp";
pub(crate) const HANAKO: &str = "hanako@example.jp";

pub(crate) struct Company {
    pub(crate) fulfilment: Fulfilment,
    pub(crate) ledger: Ledger,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) post: Arc<Post>,
    pub(crate) stores: BTreeMap<&'static str, Arc<Wrapped>>,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) policy: ApprovalPolicy,
    pub(crate) attempts: u32,
    queue: Arc<dyn Queue>,
    pools: BTreeMap<&'static str, SqlitePool>,
    db: DatabaseConnection,
    running: Mutex<Option<Running>>,
}

/// Which lanes run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lanes {
    All,
    /// All but the one that concludes jobs.
    NoConclusion,
}

fn vault() -> Vault {
    let cost = CodeCost { memory_kib: 8, passes: 1, lanes: 1 };
    let codes = CodeOptions { cost, ..CodeOptions::default() };
    Vault::new(&KeyRing::generate(&SystemEntropy, &SystemClock), Arc::new(SystemEntropy), codes).unwrap()
}

pub(crate) fn options() -> FulfilmentOptions {
    let name = "Example Corp".to_owned();
    FulfilmentOptions {
        controller: Controller { name: Bilingual { en: name.clone(), ja: name }, notice_version: None },
        links: Links::new("https://privacy.example.com").unwrap(),
        package_ttl: Duration::from_hours(168),
        package_downloads: 5,
        confirm_ttl: Duration::from_hours(24),
        deletion_grace: None,
    }
}

impl Company {
    pub(crate) async fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let clock = Arc::new(ManualClock::new(SystemClock.now()));
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let url = habeas_test_support::state::sqlite(folder.path()).await?;
        let db = LedgerOptions::new(url).open().await?;
        let ledger = Ledger::new(db.clone(), vault(), Ids::new(clock.clone(), entropy));
        let (mut pools, mut stores) = (BTreeMap::new(), BTreeMap::new());
        for (name, tables) in TABLES {
            let file = folder.path().join(format!("{name}.db"));
            let pool =
                SqlitePool::connect_with(SqliteConnectOptions::new().filename(&file).create_if_missing(true))
                    .await?;
            sqlx::raw_sql(tables).execute(&pool).await?;
            let store = SqlStore::connect(&SqlOptions::new(format!("sqlite://{}", file.display()))).await?;
            pools.insert(name, pool);
            stores.insert(name, Wrapped::new(Arc::new(store)));
        }
        let handles = stores.iter().map(|(name, store): (_, &Arc<Wrapped>)| {
            StoreHandle::new(StoreName::new(*name).unwrap(), Arc::clone(store) as Arc<dyn DataStore>)
        });
        let fulfilment = Fulfilment {
            ledger: ledger.clone(),
            registry: Arc::new(registry(BILLING)),
            stores: Stores::new(handles),
            objects: Objects::in_folder(&folder.path().join("objects"))?,
            regimes: Arc::new(Regimes::builtin()?),
            options: Arc::new(options()),
        };
        Ok(Self {
            post: Arc::new(Post::new(ledger.clone())),
            fulfilment,
            ledger,
            clock,
            stores,
            folder,
            policy: ApprovalPolicy::Automatic,
            attempts: 4,
            queue: Arc::new(EmbeddedQueue::default()),
            pools,
            db,
            running: Mutex::default(),
        })
    }

    /// A company with Taro, whose data go round through three stores, and Hanako, his neighbour in each table.
    pub(crate) async fn with_taro() -> Result<Self> {
        let company = Self::new().await?;
        let day = |days: i64| (company.clock.now() - TimeDelta::days(days)).format("%Y-%m-%d").to_string();
        let (old, new) = (day(9 * 366), day(10));
        company
            .sql(
                "shop",
                &format!(
                    "INSERT INTO customer VALUES (1, '{TARO}', 'taro.old@example.com', '山田太郎', '03-0000-0000', NULL),
                     (3, '', NULL, '山田 太郎', NULL, 1), (4, '{HANAKO}', NULL, '佐藤花子', '03-0000-0000', NULL);
                     INSERT INTO orders VALUES (10, 1, 0.30000000000000004, '{old}'), (11, 1, 2500, '{new}'),
                     (30, 3, 100, '{old}'), (40, 4, 900, '{old}');
                     INSERT INTO item VALUES (1, 10, 'Tea'), (2, 10, 'Cup'), (3, 11, 'Pot'), (4, 30, 'Rice'), (5, 40, 'Ink');
                     INSERT INTO refund VALUES (1, 'A10', NULL, 'broken cup'), (2, NULL, 11, 'late'), (3, 'A40', 40, 'lost');"
                ),
            )
            .await?;
        company
            .sql(
                "billing",
                &format!(
                    "INSERT INTO invoice VALUES ('A10', 10, '山田太郎', '1-2-3 Shibuya', '{old}'), ('A11', 11, '山田太郎', '1-2-3 Shibuya', '{new}'),
                     ('A40', 40, '佐藤花子', '4-5-6 Ueno', '{old}');"
                ),
            )
            .await?;
        company
            .sql(
                "support",
                &format!(
                    "INSERT INTO ticket VALUES (1, 'Taro@Example.jp', '山田太郎', 'Where is my pot?', 'Jiro'), (2, '{HANAKO}', '佐藤花子', 'Ink', 'Jiro');"
                ),
            )
            .await?;
        Ok(company)
    }

    pub(crate) async fn sql(&self, store: &str, sql: &str) -> Result<()> {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&self.pools[store]).await?;
        Ok(())
    }

    /// The first column of every row, as text.
    pub(crate) async fn rows(&self, store: &str, sql: &str) -> Result<Vec<String>> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql.to_owned())).fetch_all(&self.pools[store]).await?;
        Ok(rows.iter().map(|row| row.try_get::<String, _>(0)).collect::<Result<_, _>>()?)
    }

    /// Everything that every store holds, for comparing.
    pub(crate) async fn everything(&self) -> Result<Vec<String>> {
        let mut all = Vec::new();
        for (store, sql) in [
            (
                "shop",
                "SELECT concat_ws('|', 'customer', id, email, ifnull(email_2, '-'), ifnull(name, '-'), ifnull(phone, '-')) FROM customer ORDER BY id",
            ),
            ("shop", "SELECT concat_ws('|', 'orders', id, customer_id) FROM orders ORDER BY id"),
            ("shop", "SELECT concat_ws('|', 'item', id, order_id, product) FROM item ORDER BY id"),
            ("shop", "SELECT concat_ws('|', 'refund', id, note) FROM refund ORDER BY id"),
            (
                "billing",
                "SELECT concat_ws('|', 'invoice', no, ifnull(payer, '-'), address) FROM invoice ORDER BY no",
            ),
            (
                "support",
                "SELECT concat_ws('|', 'ticket', id, address, name, subject) FROM ticket ORDER BY id",
            ),
        ] {
            all.extend(self.rows(store, sql).await?);
        }
        Ok(all)
    }

    /// Starts all workers.
    pub(crate) fn start(&self) {
        self.start_with(&self.fulfilment, Lanes::All);
    }

    pub(crate) fn start_with(&self, fulfilment: &Fulfilment, lanes: Lanes) {
        let options = RuntimeOptions {
            reconcile_every: Duration::from_millis(40),
            reconcile_grace: Duration::ZERO,
            housekeep_every: Duration::from_millis(40),
            ..RuntimeOptions::default()
        };
        let lane = |queue: String| LaneOptions {
            parallel: 1,
            linger: Duration::from_millis(100),
            retry: RetryPolicy {
                first: Duration::from_millis(5),
                longest: Duration::from_millis(20),
                attempts: self.attempts,
                ..RetryPolicy::default()
            },
            ..LaneOptions::new(queue)
        };
        let of_kind = |kind| lane(queues::for_work(kind, None));
        let resolve: Arc<dyn Worker> = Arc::new(ResolveWorker::new(fulfilment.clone()));
        let mut runtime = Runtime::new(self.ledger.clone(), Arc::clone(&self.queue), options)
            .declaring(queues::all(fulfilment.registry.stores()))
            .working(of_kind(WorkKind::Resolve), resolve)
            .working(of_kind(WorkKind::Mail), self.post.clone());
        if lanes == Lanes::All {
            let worker = ConcludeWorker::new(fulfilment.clone());
            runtime = runtime.working(of_kind(WorkKind::Conclude), Arc::new(worker));
        }
        for store in fulfilment.registry.stores() {
            let worker = TaskWorker::new(fulfilment.clone(), store.clone());
            runtime = runtime.working(lane(queues::for_store(store)), Arc::new(worker));
        }
        let drain = CancellationToken::new();
        let task = tokio::spawn(runtime.keeping_house().run(drain.clone()));
        *self.running.lock().unwrap() = Some((drain, task));
    }

    pub(crate) async fn stop(&self) -> Result<()> {
        let running = self.running.lock().unwrap().take();
        let (drain, task) = running.context("it does not run")?;
        drain.cancel();
        Ok(tokio::time::timeout(SOON, task).await???)
    }

    pub(crate) async fn view(&self, request: RequestId) -> Result<RequestView> {
        Ok(self.ledger.request_view(request).await?)
    }

    /// Waits until a request is closed and every mail about it is out.
    pub(crate) async fn closed(&self, request: RequestId) -> Result<RequestView> {
        let closed = wait::value("the request to close", SOON, || async {
            let view = self.view(request).await.ok()?;
            let told = view.mails.iter().all(|mail| mail.sent_at.is_some());
            (view.state == RequestState::Closed && told).then_some(view)
        });
        match closed.await {
            Ok(view) => Ok(view),
            Err(error) => Err(error.context(format!("{:?}", self.view(request).await?))),
        }
    }

    /// Waits until a job of a request is in a state.
    pub(crate) async fn job_becomes(
        &self,
        request: RequestId,
        right: Right,
        state: JobState,
    ) -> Result<JobView> {
        let reached = wait::value(format!("the job to be {state}"), SOON, || async {
            let jobs = self.view(request).await.ok()?.jobs;
            jobs.into_iter().find(|job| job.right == right && job.state == state)
        });
        match reached.await {
            Ok(job) => Ok(job),
            Err(error) => Err(error.context(format!("{:?}", self.view(request).await?))),
        }
    }

    /// A member of staff looks at the plan and agrees.
    pub(crate) async fn approve(&self, request: RequestId, right: Right) -> Result<()> {
        let job = self.job_becomes(request, right, JobState::AwaitingApproval).await?;
        self.ledger.approve(job.id, self.staff(), job.plan_hash.context("no plan")?).await?;
        Ok(())
    }

    pub(crate) fn staff(&self) -> Actor {
        Actor::Token(self.ledger.ids().fresh::<TokenId>())
    }

    pub(crate) async fn work(&self, request: RequestId, kind: WorkKind) -> Result<Vec<WorkView>> {
        let filter = WorkFilter { kind: Some(kind), request: Some(request), ..WorkFilter::default() };
        Ok(self.ledger.work_list(&filter, None, 500).await?.items)
    }

    pub(crate) async fn parked(&self) -> Result<Vec<WorkView>> {
        let filter = WorkFilter { state: Some(WorkState::Parked), ..WorkFilter::default() };
        Ok(self.ledger.work_list(&filter, None, 500).await?.items)
    }

    /// Claims work as a worker of no runtime.
    pub(crate) async fn claim(&self, work: &[WorkView]) -> Result<Vec<Claimed>> {
        let ids: Vec<WorkId> = work.iter().map(|work| work.id).collect();
        Ok(self.ledger.claim(&ids, self.ledger.ids().fresh::<WorkerId>(), SOON).await?)
    }

    /// The receipts of a request, each with its signature checked.
    pub(crate) async fn receipts(&self, request: RequestId) -> Result<Vec<Value>> {
        let mut receipts = Vec::new();
        for receipt in self.ledger.receipts(request).await?.items {
            anyhow::ensure!(receipt.genuine, "signed by another key");
            receipts.push(serde_json::from_str(&receipt.body)?);
        }
        Ok(receipts)
    }

    /// Makes all waiting work due now: leases and attempts are timed by the clock of the database, which no test moves.
    pub(crate) async fn make_due(&self) -> Result<()> {
        let sql = "UPDATE work SET next_attempt_at = 0, created_at = 0 WHERE state = 'waiting'";
        self.db.execute_unprepared(sql).await?;
        Ok(())
    }

    /// Lets time pass and every grace that runs be over: it is timed by the clock of the database as well.
    pub(crate) async fn end_grace(&self, passed: TimeDelta) -> Result<()> {
        self.clock.advance(passed);
        let sql = "UPDATE job SET grace_until = 1 WHERE grace_until IS NOT NULL";
        self.db.execute_unprepared(sql).await?;
        Ok(())
    }

    /// The grace of jobs of this right alone is over.
    pub(crate) async fn end_grace_of(&self, right: Right) -> Result<()> {
        let sql = "UPDATE job SET grace_until = 1 WHERE grace_until IS NOT NULL AND \"right\" = $1";
        let backend = self.db.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, [right.as_str().into()]);
        self.db.execute_raw(statement).await?;
        Ok(())
    }

    /// Damages what a request holds, so that it does not open.
    pub(crate) async fn break_request(&self, request: RequestId) -> Result<()> {
        let sql = "UPDATE request SET personal = X'00' WHERE id = $1";
        let id = habeas_domain::TypedId::uuid(request);
        let statement = Statement::from_sql_and_values(self.db.get_database_backend(), sql, [id.into()]);
        self.db.execute_raw(statement).await?;
        Ok(())
    }

    /// The files below `objects/<folder>`.
    pub(crate) fn objects(&self, folder: &str) -> Vec<std::path::PathBuf> {
        files_below(&self.folder.path().join("objects").join(folder))
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}

pub(crate) fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries
        .flatten()
        .flat_map(|entry| if entry.path().is_dir() { files_below(&entry.path()) } else { vec![entry.path()] })
        .collect()
}
