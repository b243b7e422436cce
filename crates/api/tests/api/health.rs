//! The health checks.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use habeas_api::{HealthOptions, Part, health};
use habeas_domain::Fault;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

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
        metrics: Arc::new(|| "habeas_up 1\n".to_owned()),
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
