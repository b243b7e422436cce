//! A state database, a worker and a desk for one test.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result};
use chrono::{DateTime, TimeDelta, Utc};
use habeas_domain::{
    Actor, Channel, Clock, Ids, Language, Letter, Links, ManualClock, Outcome, PackageId, Personal, RegimeId,
    Regimes, RequestId, Submission, SubmissionDefaults, SystemClock, SystemEntropy, TypedId, WorkId,
    WorkerId,
    approval::PlanHash,
    letter::JobReport,
    received_mail::{SenderAuthentication, Verdict},
    verification::VerificationPolicy,
};
use habeas_ledger::{
    Claimed, Conclusion, ForStaff, JobPlan, JobView, Ledger, LedgerOptions, MailContent, MailDecision,
    MailReading, MailVerdict, NewReceivedMail, NewRequest, Planned, PlannedJob,
};
use habeas_runtime::Worker;
use habeas_test_support::{shared, state};
use habeas_vault::{CodeCost, CodeOptions, KeyRing, Token, Vault};
use habeas_verification::{ChallengeWorker, Challenges, Desk, VerificationOptions};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, Value};
use serde_json::json;
use uuid::Uuid;

#[derive(Clone, Copy, Debug)]
pub(crate) enum State {
    Sqlite,
    Postgres,
}

/// The pages of these tests.
pub(crate) const BASE: &str = "https://privacy.example.com";

pub(crate) struct Bed {
    pub(crate) ledger: Ledger,
    pub(crate) challenges: Challenges,
    pub(crate) desk: Desk,
    pub(crate) clock: Arc<ManualClock>,
    db: DatabaseConnection,
    /// How many statements were sent to the state database since it was made.
    pub(crate) statements: Arc<AtomicUsize>,
    _folder: tempfile::TempDir,
    _database: Option<shared::TestDatabase>,
}

fn today() -> DateTime<Utc> {
    "2026-11-20T09:30:00Z".parse().unwrap()
}

/// Cheap hashes, and patience for a hundred guesses on a busy machine.
fn vault() -> Vault {
    let cost = CodeCost { memory_kib: 8, passes: 1, lanes: 1 };
    let codes = CodeOptions { cost, patience: Duration::from_mins(1), ..CodeOptions::default() };
    Vault::new(&KeyRing::generate(&SystemEntropy, &SystemClock), Arc::new(SystemEntropy), codes).unwrap()
}

pub(crate) fn options() -> VerificationOptions {
    VerificationOptions {
        answer_after: Duration::ZERO,
        answer_within: Duration::from_mins(1),
        code_tries_a_day: 1_000,
        ..VerificationOptions::default()
    }
}

impl Bed {
    pub(crate) async fn new(state: State) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let database = match state {
            State::Sqlite => None,
            State::Postgres => Some(state::postgres().await?),
        };
        let url = match &database {
            Some(database) => database.url.clone(),
            None => state::sqlite(folder.path()).await?,
        };
        let mut db = LedgerOptions::new(url).open().await?;
        let statements: Arc<AtomicUsize> = Arc::default();
        let counter = Arc::clone(&statements);
        db.set_metric_callback(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        let clock = Arc::new(ManualClock::new(today()));
        let ids = Ids::new(Arc::clone(&clock) as Arc<dyn Clock>, Arc::new(SystemEntropy));
        let ledger = Ledger::new(db.clone(), vault(), ids);
        let challenges = Self::challenges_with(&ledger, options());
        Ok(Self {
            desk: Desk::new(ledger.clone(), challenges.clone()),
            challenges,
            ledger,
            clock,
            db,
            statements,
            _folder: folder,
            _database: database,
        })
    }

    pub(crate) fn challenges_with(ledger: &Ledger, options: VerificationOptions) -> Challenges {
        let clock = Arc::clone(ledger.ids().clock());
        Challenges::new(ledger.vault().clone(), clock, Links::new(BASE).unwrap(), options)
    }

    pub(crate) fn worker(&self) -> ChallengeWorker {
        ChallengeWorker::new(self.ledger.clone(), self.challenges.clone())
    }

    pub(crate) fn advance(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    /// A request of person number `n`, with its challenge work still to do.
    pub(crate) async fn request(&self, n: usize) -> Result<RequestId> {
        self.request_of(&format!("hanako+{n}@example.jp"), VerificationPolicy::mail_link(), None).await
    }

    /// A request of this person that takes this much, with its challenge work still to do.
    pub(crate) async fn request_of(
        &self,
        email: &str,
        verification: VerificationPolicy,
        message: Option<&str>,
    ) -> Result<RequestId> {
        let mut value = json!({
            "subject": { "email": email, "phone": "+81 90 9999 9999" },
            "rights": ["access", "deletion"],
        });
        if let Some(message) = message {
            value["message"] = message.into();
        }
        self.submitted(&value, verification).await
    }

    /// A request as it was handed in, with its challenge work still to do.
    pub(crate) async fn submitted(
        &self,
        value: &serde_json::Value,
        verification: VerificationPolicy,
    ) -> Result<RequestId> {
        let regimes = Regimes::builtin()?;
        let defaults = SubmissionDefaults {
            regime: RegimeId::new("jp_appi")?,
            language: Language::Ja,
            channel: Channel::Cli,
            now: self.clock.now(),
            regimes: &regimes,
        };
        let submission = Submission::read(value, &defaults).unwrap();
        let accepted = self.ledger.accept(vec![NewRequest {
            submission,
            submitted_by: Actor::System,
            idempotency_key: None,
            deadline: habeas_domain::Deadline::fixed(
                today(),
                today() + TimeDelta::days(14),
                habeas_domain::Bilingual { en: "two weeks".to_owned(), ja: "2週間".to_owned() },
            ),
            lapse_at: self.clock.now() + TimeDelta::days(30),
            policies: BTreeMap::new(),
            verification,
            agents: habeas_domain::AgentTerms::default(),
            batch: None,
            asked_in: None,
            receipt: true,
            law_not_taken: None,
        }]);
        Ok(accepted.await?.remove(0)?.id)
    }

    /// A request whose first mail is ready: its id, the token of its link, and its code.
    pub(crate) async fn challenged(&self, n: usize) -> Result<(RequestId, String, String)> {
        let request = self.request(n).await?;
        let (token, code) = self.mailed().await?;
        Ok((request, token, code))
    }

    /// The token and the code of the newest request's first mail.
    pub(crate) async fn mailed(&self) -> Result<(String, String)> {
        let claimed = self.claim("challenge", Duration::from_mins(1)).await?;
        anyhow::ensure!(self.worker().run(claimed).await.is_empty(), "the worker failed");
        self.verify_mails().await?.pop().context("no verify mail")
    }

    /// A mail that is put with a request.
    pub(crate) async fn mail_of(&self, request: RequestId, text: &str) -> Result<()> {
        let mail = NewReceivedMail {
            mailbox: "privacy".to_owned(),
            place: None,
            received_at: self.clock.now(),
            content: MailContent::Whole(Personal::new(text.as_bytes().to_vec())),
            delivery: None,
        };
        self.ledger.store_mails(&[mail], None).await?;
        let claimed = self.ledger.claim_mails(1, Duration::from_mins(1)).await?;
        let lease = claimed.first().context("a mail")?.lease;
        let reading = MailReading {
            verdict: Verdict::Reply,
            authentication: SenderAuthentication::None,
            evidence: String::new(),
            message_id: None,
            sender: None,
            understanding: Personal::new(json!({ "text": text, "sent_at": "2026-04-01T00:00:00Z" })),
        };
        let decision = MailDecision {
            lease,
            verdict: MailVerdict::Filed(request),
            reason: String::new(),
            reading: Some(reading),
            answers: false,
            wants_other_address: false,
            for_staff: ForStaff::default(),
            form: None,
        };
        self.ledger.decide_mails(vec![decision]).await?;
        Ok(())
    }

    /// The stores hold nothing of the person: every job of the request ends so.
    pub(crate) async fn found_nothing(&self, request: RequestId) -> Result<()> {
        let claimed = self.claim("resolve", Duration::from_mins(1)).await?;
        let resolve = claimed.iter().find(|one| one.request == request).context("a resolve")?;
        let jobs = self.ledger.request_view(request).await?.jobs;
        let plan = |job: &JobView| PlannedJob {
            job: job.id,
            hash: PlanHash([1; 32]),
            plan: JobPlan { stores: Vec::new(), detail: Personal::new(json!({})), notice: None },
            confirmations: Vec::new(),
        };
        let planned = Planned {
            lease: resolve.lease,
            request,
            keys: Personal::new(json!({})),
            jobs: jobs.iter().map(plan).collect(),
            referrals: Vec::new(),
            removes: Vec::new(),
            again: false,
        };
        self.ledger.planned(vec![planned]).await?;
        let ended = self.claim("conclude", Duration::from_mins(1)).await?;
        let ended = ended.iter().filter_map(|claimed| {
            let job = jobs.iter().find(|job| Some(job.id) == claimed.job)?;
            Some(nothing_held(claimed, job))
        });
        Ok(self.ledger.concluded(ended.collect()).await?)
    }

    /// Claims all waiting work of a kind.
    pub(crate) async fn claim(&self, kind: &str, lease: Duration) -> Result<Vec<Claimed>> {
        let sql = format!("SELECT id FROM work WHERE kind = '{kind}' AND state <> 'done'");
        let rows = self.db.query_all_raw(self.sql(&sql)).await?;
        let ids: Vec<WorkId> = rows
            .iter()
            .map(|row| row.try_get::<Uuid>("", "id").map(WorkId::from_uuid))
            .collect::<Result<_, _>>()?;
        let worker = self.ledger.ids().fresh::<WorkerId>();
        Ok(self.ledger.claim(&ids, worker, lease).await?)
    }

    pub(crate) async fn count(&self, what: &str) -> Result<i64> {
        self.number(&format!("SELECT COUNT(*) AS n FROM {what}")).await
    }

    /// The one number that a query gives as `n`.
    pub(crate) async fn number(&self, sql: &str) -> Result<i64> {
        let row = self.db.query_one_raw(self.sql(sql)).await?.context("no row")?;
        Ok(row.try_get("", "n")?)
    }

    pub(crate) async fn state_of(&self, request: RequestId) -> Result<&'static str> {
        Ok(self.ledger.open_request(request).await?.state.as_str())
    }

    /// A package of a request that can be fetched `downloads` times for seven days, and the token of its link.
    pub(crate) async fn package(&self, request: RequestId, downloads: i64) -> Result<(PackageId, String)> {
        let token = Token::generate(&SystemEntropy);
        let id: PackageId = self.ledger.ids().fresh();
        let job = self.ledger.ids().fresh::<habeas_domain::JobId>();
        let ends = self.clock.now() + TimeDelta::days(7);
        let values: Vec<Value> = vec![
            id.uuid().into(),
            request.uuid().into(),
            job.uuid().into(),
            "packages/1".into(),
            vec![1_u8; 32].into(),
            10_i64.into(),
            1_i64.into(),
            token.hash().as_bytes().to_vec().into(),
            ends.timestamp_micros().into(),
            downloads.into(),
            self.clock.now().timestamp_micros().into(),
        ];
        let sql = "INSERT INTO package (id, request_id, job_id, object, sha256, bytes, rows_held, token_hash, \
                   expires_at, downloads_left, created_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        self.db
            .execute_raw(Statement::from_sql_and_values(self.db.get_database_backend(), sql, values))
            .await?;
        Ok((id, token.expose().to_string()))
    }

    /// Gives the agent of a request a link of their own to a package.
    pub(crate) async fn give_to_agent(
        &self,
        package: PackageId,
        token: &Token,
        downloads: i64,
    ) -> Result<()> {
        let ends = self.clock.now() + TimeDelta::days(7);
        let values: Vec<Value> = vec![
            package.uuid().into(),
            token.hash().as_bytes().to_vec().into(),
            ends.timestamp_micros().into(),
            downloads.into(),
            self.clock.now().timestamp_micros().into(),
        ];
        let sql = "INSERT INTO agent_package (package_id, token_hash, expires_at, downloads_left, created_at) \
                   VALUES ($1, $2, $3, $4, $5)";
        let backend = self.db.get_database_backend();
        self.db.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        Ok(())
    }

    fn sql(&self, sql: &str) -> Statement {
        Statement::from_string(self.db.get_database_backend(), sql)
    }
}

fn nothing_held(claimed: &Claimed, job: &JobView) -> Conclusion {
    let report = JobReport {
        right: job.right,
        outcome: Outcome::NothingHeld,
        stores: 1,
        rows: 0,
        package: None,
        kept: Vec::new(),
        undone: Vec::new(),
        unmet: Vec::new(),
        uncounted: 0,
        refusal: None,
        receipt: None,
        referrals: Vec::new(),
    };
    Conclusion {
        lease: claimed.lease,
        request: claimed.request,
        job: job.id,
        outcome: Some(report.outcome),
        letter: Letter::JobEnded(report),
        package: None,
        receipt: None,
        to: Personal::new("hanako@example.jp".to_owned()),
        agent: None,
    }
}

/// Another code than `code`.
pub(crate) fn other_than(code: &str) -> String {
    format!("{:08}", (code.parse::<u32>().unwrap() + 1) % 100_000_000)
}
