//! A state database, a queue, and runtimes on them.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use habeas_domain::{
    Actor, Channel, Ids, Language, RegimeId, Regimes, RequestId, SystemClock, SystemEntropy, WorkId,
    WorkKind, WorkState, WorkerId,
    submission::{Submission, SubmissionDefaults},
};
use habeas_ledger::{Claimed, Ledger, LedgerOptions, NewRequest, WorkFilter, WorkView};
use habeas_messages::queues;
use habeas_queue::{EmbeddedQueue, Queue, QueueName};
use habeas_runtime::{LaneOptions, RetryPolicy, Runtime, RuntimeError, RuntimeOptions, Worker};
use habeas_test_support::{shared, state, wait};
use habeas_vault::{CodeCost, CodeOptions, KeyRing, Vault};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::json;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Longer than anything that is expected to happen.
pub(crate) const SOON: Duration = Duration::from_mins(1);

/// The queue of the work that the tests run.
pub(crate) const QUEUE: &str = "habeas.challenge";

pub(crate) struct Bed {
    pub(crate) ledger: Ledger,
    pub(crate) queue: Arc<dyn Queue>,
    db: DatabaseConnection,
    _folder: tempfile::TempDir,
    _database: Option<shared::TestDatabase>,
}

/// A runtime at work.
pub(crate) struct Running {
    pub(crate) drain: CancellationToken,
    task: JoinHandle<Result<(), RuntimeError>>,
}

impl Running {
    pub(crate) async fn stop(self) -> Result<()> {
        self.drain.cancel();
        self.ended().await
    }

    pub(crate) async fn ended(self) -> Result<()> {
        Ok(tokio::time::timeout(SOON, self.task).await.context("the runtime did not end")???)
    }
}

/// Fast rounds, so that a test need not wait for them.
pub(crate) fn quick() -> RuntimeOptions {
    RuntimeOptions {
        reconcile_every: Duration::from_millis(30),
        reconcile_grace: Duration::ZERO,
        ..RuntimeOptions::default()
    }
}

pub(crate) fn lane() -> LaneOptions {
    LaneOptions {
        linger: Duration::from_millis(20),
        parallel: 1,
        retry: RetryPolicy {
            first: Duration::from_millis(10),
            longest: Duration::from_millis(20),
            attempts: 3,
            ..RetryPolicy::default()
        },
        ..LaneOptions::new(QUEUE)
    }
}

fn vault() -> Vault {
    let cost = CodeCost { memory_kib: 8, passes: 1, lanes: 1 };
    let codes = CodeOptions { cost, ..CodeOptions::default() };
    Vault::new(&KeyRing::generate(&SystemEntropy, &SystemClock), Arc::new(SystemEntropy), codes).unwrap()
}

impl Bed {
    pub(crate) async fn new() -> Result<Self> {
        Self::with(Arc::new(EmbeddedQueue::default())).await
    }

    pub(crate) async fn with(queue: Arc<dyn Queue>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let url = state::sqlite(folder.path()).await?;
        Self::open(url, queue, folder, None).await
    }

    pub(crate) async fn on_postgres() -> Result<Self> {
        let database = state::postgres().await?;
        Self::open(
            database.url.clone(),
            Arc::new(EmbeddedQueue::default()),
            tempfile::tempdir()?,
            Some(database),
        )
        .await
    }

    async fn open(
        url: String,
        queue: Arc<dyn Queue>,
        folder: tempfile::TempDir,
        database: Option<shared::TestDatabase>,
    ) -> Result<Self> {
        let db = LedgerOptions::new(url).open().await?;
        let ids = Ids::new(Arc::new(SystemClock), Arc::new(SystemEntropy));
        let ledger = Ledger::new(db.clone(), vault(), ids);
        let names: Vec<QueueName> =
            queues::all([]).into_iter().map(|name| QueueName::new(name).unwrap()).collect();
        queue.declare(&names).await?;
        Ok(Self { ledger, queue, db, _folder: folder, _database: database })
    }

    /// Accepts requests: each has one piece of challenge work. In one transaction, so that they are announced together.
    pub(crate) async fn accept(&self, people: usize) -> Result<Vec<RequestId>> {
        let new = (0..people).map(|_| new_request(&self.ledger)).collect();
        let accepted = self.ledger.accept(new).await?;
        Ok(accepted.into_iter().map(|one| one.map(|one| one.id)).collect::<Result<_, _>>()?)
    }

    /// Accepts a request that an agent makes for somebody.
    pub(crate) async fn accept_of_agent(&self) -> Result<()> {
        let agent =
            json!({ "name": "Alex Agent", "email": "alex@agents.example", "mandate": "signed-permission" });
        let new = asking(&self.ledger, Some(&agent));
        self.ledger.accept(vec![new]).await?.into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(())
    }

    /// Starts a runtime that keeps house, with one lane.
    pub(crate) fn start(&self, worker: Arc<dyn Worker>, lane: LaneOptions) -> Running {
        start(
            Runtime::new(self.ledger.clone(), Arc::clone(&self.queue), quick())
                .working(lane, worker)
                .keeping_house(),
        )
    }

    /// All challenge work.
    pub(crate) async fn work(&self) -> Result<Vec<WorkView>> {
        let filter = WorkFilter { kind: Some(WorkKind::Challenge), ..WorkFilter::default() };
        Ok(self.ledger.work_list(&filter, None, 500).await?.items)
    }

    /// The challenge work of one request.
    pub(crate) async fn work_of(&self, request: RequestId) -> Result<WorkView> {
        let found = self.work().await?.into_iter().find(|work| work.request == request);
        found.context("no such work")
    }

    /// Waits until all challenge work is in this state, and returns it.
    pub(crate) async fn all_become(&self, state: WorkState) -> Result<Vec<WorkView>> {
        wait::value(format!("all work to be {state}"), SOON, || async {
            let work = self.work().await.ok()?;
            work.iter().all(|one| one.state == state).then_some(work)
        })
        .await
    }

    /// Claims work as a worker that is not part of any runtime.
    pub(crate) async fn claim(&self, ids: &[WorkId], lease: Duration) -> Result<Vec<Claimed>> {
        let worker = self.ledger.ids().fresh::<WorkerId>();
        Ok(self.ledger.claim(ids, worker, lease).await?)
    }

    /// How many rows of a table fit a condition.
    pub(crate) async fn count(&self, table: &str, condition: &str) -> Result<i64> {
        let sql = format!("SELECT COUNT(*) AS n FROM {table} WHERE {condition}");
        let row = self.db.query_one_raw(Statement::from_string(self.db.get_database_backend(), sql)).await?;
        Ok(row.context("no count")?.try_get("", "n")?)
    }

    pub(crate) async fn execute(&self, sql: &str) -> Result<()> {
        self.db.execute_unprepared(sql).await?;
        Ok(())
    }

    /// How often each request was challenged: the effect of the work.
    pub(crate) async fn effects(&self) -> Result<i64> {
        self.count("challenge", "purpose = 'identity'").await
    }
}

/// Starts a runtime.
pub(crate) fn start(runtime: Runtime) -> Running {
    let drain = CancellationToken::new();
    Running { task: tokio::spawn(runtime.run(drain.clone())), drain }
}

fn new_request(ledger: &Ledger) -> NewRequest {
    asking(ledger, None)
}

fn asking(ledger: &Ledger, agent: Option<&serde_json::Value>) -> NewRequest {
    let now = ledger.ids().now();
    let regimes = Regimes::builtin().unwrap();
    let defaults = SubmissionDefaults {
        regime: RegimeId::new("eu_gdpr").unwrap(),
        language: Language::En,
        channel: Channel::Api,
        now,
        regimes: &regimes,
    };
    let email = format!("{}@example.com", habeas_test_support::unique("person-"));
    let mut body = json!({ "subject": { "email": email }, "rights": ["access"] });
    if let Some(agent) = agent {
        body["agent"] = agent.clone();
    }
    NewRequest {
        submission: Submission::read(&body, &defaults).unwrap(),
        submitted_by: Actor::System,
        idempotency_key: None,
        deadline: habeas_domain::Deadline::fixed(
            now,
            now + TimeDelta::days(30),
            habeas_domain::Bilingual { en: "in a test".to_owned(), ja: "テスト".to_owned() },
        ),
        lapse_at: now + TimeDelta::days(7),
        policies: BTreeMap::new(),
        verification: habeas_domain::verification::VerificationPolicy::mail_link(),
        agents: habeas_domain::AgentTerms::default(),
        batch: None,
        asked_in: None,
        receipt: true,
        law_not_taken: None,
    }
}
