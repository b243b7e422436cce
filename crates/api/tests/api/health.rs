//! The health checks.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use habeas_api::{HealthOptions, Metrics, Part, health};
use habeas_domain::Fault;
use habeas_ledger::Scope;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::world::World;

enum Fake {
    Well,
    Away,
    Silent,
}

#[async_trait]
impl Part for Fake {
    fn name(&self) -> &'static str {
        match self {
            Self::Well => "ledger",
            Self::Away => "queue",
            Self::Silent => "mail",
        }
    }
    async fn ping(&self) -> Result<(), Fault> {
        match self {
            Self::Well => Ok(()),
            Self::Away => Err(Fault::temporary("queue-unavailable", "10.0.0.7 refused the connection")),
            Self::Silent => std::future::pending().await,
        }
    }
}

async fn get(parts: Vec<Fake>, path: &str) -> (StatusCode, String) {
    let options = HealthOptions {
        parts: parts.into_iter().map(|part| Arc::new(part) as Arc<dyn Part>).collect(),
        time_limit: Duration::from_millis(20),
        fresh_for: Duration::from_hours(1),
        calls_per_client: NonZeroU32::MAX,
        metrics: Metrics::Open(Arc::new(|| "habeas_up 1\n".to_owned())),
    };
    let request = Request::get(path).body(Body::empty()).unwrap();
    let answer = health(options).oneshot(request).await.unwrap();
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn readiness_names_the_part_that_is_away() {
    let (status, text) = get(vec![Fake::Well], "/readyz").await;
    assert_eq!(
        (status, text.as_str()),
        (StatusCode::OK, r#"{"status":"ready","parts":[{"part":"ledger","ready":true}]}"#)
    );
    let (status, text) = get(vec![Fake::Well, Fake::Away, Fake::Silent], "/readyz").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    insta::assert_snapshot!(text, @r#"{"status":"not ready","parts":[{"part":"ledger","ready":true},{"part":"queue","ready":false,"fault":"queue-unavailable"},{"part":"mail","ready":false,"fault":"no-answer"}]}"#);
}

#[tokio::test]
async fn a_process_lives_whatever_is_away() {
    assert_eq!(get(vec![Fake::Away], "/livez").await, (StatusCode::OK, "alive\n".to_owned()));
    assert_eq!(get(vec![Fake::Silent], "/metrics").await, (StatusCode::OK, "habeas_up 1\n".to_owned()));
}

/// A part that counts how often it is asked.
struct Counted(Arc<AtomicUsize>);

#[async_trait]
impl Part for Counted {
    fn name(&self) -> &'static str {
        "ledger"
    }
    async fn ping(&self) -> Result<(), Fault> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

fn options(parts: Vec<Arc<dyn Part>>, metrics: Metrics) -> HealthOptions {
    let calls_per_client = NonZeroU32::new(5).unwrap();
    HealthOptions {
        parts,
        time_limit: Duration::from_secs(1),
        fresh_for: Duration::from_hours(1),
        calls_per_client,
        metrics,
    }
}

#[tokio::test]
async fn callers_do_not_have_the_parts_asked_again_and_again() {
    let asked = Arc::new(AtomicUsize::new(0));
    let health = health(options(vec![Arc::new(Counted(Arc::clone(&asked)))], Metrics::Elsewhere));
    let mut answers = Vec::new();
    for _ in 0..8 {
        let request = Request::get("/readyz").body(Body::empty()).unwrap();
        answers.push(health.clone().oneshot(request).await.unwrap());
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1, "one look for all");
    let passed = answers.iter().filter(|answer| answer.status() == StatusCode::OK).count();
    assert!((5..8).contains(&passed), "{passed}");
    let last = answers.last().unwrap();
    assert_eq!(last.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(last.headers().contains_key("retry-after"));
}

#[tokio::test]
async fn metrics_are_for_holders_of_a_token_or_elsewhere() {
    let world = World::new().await;
    let write: habeas_api::WriteMetrics = Arc::new(|| "habeas_up 1\n".to_owned());
    let open = async |metrics: Metrics, token: Option<&str>| {
        let mut request = Request::get("/metrics");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(Body::empty()).unwrap();
        health(options(Vec::new(), metrics)).oneshot(request).await.unwrap().status()
    };
    let holders = || Metrics::ToHolders(Arc::clone(&write), world.ledger.clone());
    assert_eq!(open(holders(), None).await, StatusCode::UNAUTHORIZED);
    assert_eq!(open(holders(), Some("nonsense")).await, StatusCode::UNAUTHORIZED);
    let submits = world.token(&[Scope::Submit]).await;
    assert_eq!(open(holders(), Some(&submits)).await, StatusCode::FORBIDDEN);
    let reads = world.token(&[Scope::Read]).await;
    assert_eq!(open(holders(), Some(&reads)).await, StatusCode::OK);
    assert_eq!(open(Metrics::Elsewhere, Some(&reads)).await, StatusCode::NOT_FOUND);
}
