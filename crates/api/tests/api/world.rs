//! An API on an empty state database, and a client without a network.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use chrono::{DateTime, TimeDelta, Utc};
use habeas_api::{ApiOptions, Ports, RateLimits, router};
use habeas_domain::{
    Actor, Ids, JobId, KeyName, Letter, ManualClock, Personal, Regime, RegimeId, Regimes, RequestId, Right,
    SeededEntropy, SystemEntropy, TokenId, TokenLife, TypedId as _, WorkKind, approval::PlanHash,
};
use habeas_ledger::{
    Claimed, JobPlan, Ledger, LedgerOptions, NewChallenge, NewToken, Planned, PlannedJob, Purpose, Scope,
    WorkFilter,
};
use habeas_vault::{CodeCost, CodeOptions, KeyRing, Vault};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::held::hold;
use crate::ports::{
    Laws, Log, Mails, OlderAddress, OneLetter, OneNumber, OneStore, PaperRoom, Postman, Reception,
};

/// The hash of every plan.
pub(crate) const PLAN: PlanHash = PlanHash([7; 32]);

/// An API with a token of every scope.
pub(crate) struct World {
    pub(crate) ledger: Ledger,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) log: Arc<Log>,
    pub(crate) postman: Arc<Postman>,
    router: Router,
    _folder: tempfile::TempDir,
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The fields that a problem names.
    pub(crate) fn fields(&self) -> Vec<String> {
        let errors = self.json()["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
    }
}

pub(crate) fn start() -> DateTime<Utc> {
    "2026-11-21T09:00:00Z".parse().unwrap()
}

/// All laws that are known: one more than requests are taken under.
fn with_one_left_out() -> Regimes {
    let mut regimes = Regimes::builtin().unwrap();
    let like = regimes.iter().next().unwrap().clone();
    regimes.add(Regime { id: RegimeId::new("xx_left_out").unwrap(), ..like });
    regimes
}

impl World {
    pub(crate) async fn new() -> Self {
        let many = NonZeroU32::new(100_000).unwrap();
        Self::with(RateLimits { calls_per_token: many, failures_per_client: many }).await
    }

    pub(crate) async fn with(limits: RateLimits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = habeas_test_support::state::sqlite(folder.path()).await.unwrap();
        let clock = Arc::new(ManualClock::new(start()));
        let ring = KeyRing::generate(&SystemEntropy, &*clock);
        let cost = CodeCost { memory_kib: 8, passes: 1, lanes: 1 };
        let codes = CodeOptions { cost, ..CodeOptions::default() };
        let vault = Vault::new(&ring, Arc::new(SystemEntropy), codes).unwrap();
        // The same ids each time, so that lists of things made in one moment keep their order.
        let ids = Ids::new(Arc::<ManualClock>::clone(&clock), Arc::new(SeededEntropy::new(1)));
        let db = LedgerOptions::new(url).open().await.unwrap();
        let ledger = Ledger::new(db, vault, ids);
        let log = Arc::new(Log::default());
        let postman = Arc::new(Postman::default());
        let ports = Ports {
            ledger: ledger.clone(),
            regimes: Arc::new(with_one_left_out()),
            taken: Arc::new(Regimes::builtin().unwrap()),
            receive: Arc::new(Reception(ledger.clone())),
            accept_mail: Arc::new(Mails(ledger.clone())),
            extend: Arc::new(Laws(ledger.clone())),
            witness: Arc::<Log>::clone(&log),
            contacts: Arc::new(OneNumber),
            further_keys: Arc::new(OlderAddress),
            papers: Arc::new(PaperRoom(ledger.clone())),
            guardians: Arc::new(PaperRoom(ledger.clone())),
            mail_again: Arc::<Postman>::clone(&postman),
            keys: Arc::new([KeyName::new("customer_id").unwrap()]),
            dead_letters: Arc::new(OneLetter),
            restored: Arc::new(OneStore(ledger.clone())),
        };
        let router = router(ports, ApiOptions { limits, ..ApiOptions::default() });
        Self { ledger, clock, log, postman, router, _folder: folder }
    }

    /// A token with these scopes.
    pub(crate) async fn token(&self, scopes: &[Scope]) -> String {
        self.token_of(scopes).await.1
    }

    pub(crate) async fn token_of(&self, scopes: &[Scope]) -> (TokenId, String) {
        let others = self.ledger.list_tokens().await.unwrap().items.len();
        self.token_held_by(&format!("holder {others}"), scopes).await
    }

    /// A token of somebody who may hold others.
    pub(crate) async fn token_held_by(&self, holder: &str, scopes: &[Scope]) -> (TokenId, String) {
        let new = NewToken {
            name: "a test".parse().unwrap(),
            holder: holder.parse().unwrap(),
            scopes: scopes.iter().copied().collect(),
            life: TokenLife::USUAL,
        };
        let (made, token) = self.ledger.create_token(&new, Actor::System).await.unwrap();
        (made.id, token.expose().to_string())
    }

    /// Sends it, and holds what comes of it against the OpenAPI document.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (call, sent) = request.into_parts();
        let sent = sent.collect().await.unwrap().to_bytes();
        let request = Request::from_parts(call.clone(), Body::from(sent.clone()));
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let answer = Answer { status: parts.status, headers: parts.headers, text };
        hold(&call, &sent, &answer);
        answer
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Answer {
        self.send(call("GET", token, path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, token: &str, path: &str, body: &Value) -> Answer {
        self.post_text(token, path, body.to_string()).await
    }

    pub(crate) async fn post_text(&self, token: &str, path: &str, body: impl Into<Body>) -> Answer {
        let request = call("POST", token, path).header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(body.into()).unwrap()).await
    }

    /// A request for these rights, handed in by somebody else.
    pub(crate) async fn request(&self, rights: &[Right]) -> RequestId {
        let token = self.token(&[Scope::Submit]).await;
        let answer = self.post(&token, "/v1/requests", &submission(rights)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        answer.json()["id"].as_str().unwrap().parse().unwrap()
    }

    pub(crate) async fn job(&self, request: RequestId, right: Right) -> JobId {
        let jobs = self.ledger.request_view(request).await.unwrap().jobs;
        jobs.iter().find(|job| job.right == right).unwrap().id
    }

    pub(crate) async fn claim(&self, request: RequestId, kind: WorkKind) -> Claimed {
        let filter = WorkFilter { kind: Some(kind), request: Some(request), ..WorkFilter::default() };
        let work = self.ledger.work_list(&filter, None, 10).await.unwrap().items;
        let ids: Vec<_> = work.iter().map(|work| work.id).collect();
        let worker = self.ledger.ids().fresh();
        self.ledger.claim(&ids, worker, Duration::from_mins(5)).await.unwrap().remove(0)
    }

    /// The person proves who they are.
    pub(crate) async fn prove(&self, request: RequestId) {
        let lease = self.claim(request, WorkKind::Challenge).await.lease;
        let token = self.ledger.vault().new_token();
        let link_expires_at = start() + TimeDelta::days(1);
        let new = NewChallenge {
            purpose: Purpose::Identity,
            link: Some((token.hash(), link_expires_at)),
            code: None,
            tries: 5,
            package: None,
            to: Personal::new("hanako@example.jp".to_owned()),
            letter: Letter::ConfirmNewAddress { link: Personal::new(String::new()), link_expires_at },
        };
        self.ledger.challenged(vec![(lease, request, new)]).await.unwrap();
        let record = self.ledger.challenge_by_token(&token.hash()).await.unwrap().unwrap();
        assert!(self.ledger.prove(record.id).await.unwrap());
    }

    /// Every job gets a plan.
    pub(crate) async fn plan(&self, request: RequestId) {
        let lease = self.claim(request, WorkKind::Resolve).await.lease;
        let jobs = self.ledger.request_view(request).await.unwrap().jobs;
        let plan = || JobPlan {
            stores: vec!["shop".parse().unwrap()],
            detail: Personal::new(json!({ "old": "hanako.old@example.jp" })),
            notice: None,
        };
        let planned = jobs.iter().map(|job| PlannedJob {
            job: job.id,
            hash: PLAN,
            plan: plan(),
            confirmations: Vec::new(),
        });
        let planned = Planned {
            lease,
            request,
            keys: Personal::new(json!({})),
            jobs: planned.collect(),
            referrals: Vec::new(),
            removes: Vec::new(),
            again: false,
        };
        self.ledger.planned(vec![planned]).await.unwrap();
    }
}

pub(crate) fn call(method: &str, token: &str, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header(header::AUTHORIZATION, format!("Bearer {token}"))
}

pub(crate) fn submission(rights: &[Right]) -> Value {
    let mut body = json!({
        "subject": { "email": "hanako@example.jp", "name": "山田 花子" },
        "rights": rights, "regime": "eu_gdpr",
    });
    if rights.contains(&Right::Correction) {
        body["corrections"] =
            json!([{ "category": "user.contact.email", "type": "email", "value": "hanako.new@example.jp" }]);
    }
    body
}

/// Ids and moments that differ from run to run.
pub(crate) fn masked(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "[id]");
    settings.add_filter("HB-[0-9A-Z]{4}-[0-9A-Z]{4}", "[reference]");
    settings.add_filter("[0-9a-f]{64}", "[hash]");
    settings.add_filter("20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z", "[moment]");
    // By the database's own clock.
    settings.add_filter(r#""oldest_seconds": [0-9]+"#, r#""oldest_seconds": "[seconds]""#);
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

pub(crate) fn pretty(answer: &Answer) -> String {
    serde_json::to_string_pretty(&answer.json()).unwrap()
}

pub(crate) fn unused_id() -> RequestId {
    RequestId::from_uuid(uuid::Uuid::from_u128(1))
}
