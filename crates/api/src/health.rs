//! Whether the process lives, whether it is ready, and what it counts. No token is needed, and nothing is told but
//! names of parts and numbers.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Serialize;

use crate::ports::Part;

/// What the health checks look at.
#[derive(Clone)]
pub struct HealthOptions {
    /// What has to answer before the process is ready.
    pub parts: Vec<Arc<dyn Part>>,
    /// How long each may take.
    pub time_limit: Duration,
    /// Writes the metrics in the text format of Prometheus.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
}

/// `/livez`, `/readyz` and `/metrics`, to be served beside the API or on a port of their own.
pub fn health(options: HealthOptions) -> Router {
    Router::new()
        .route("/livez", get(async || no_store("alive\n")))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(options)
}

#[derive(Serialize)]
struct Readiness {
    status: &'static str,
    parts: Vec<PartState>,
}

#[derive(Serialize)]
struct PartState {
    part: &'static str,
    ready: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

async fn ready(State(options): State<HealthOptions>) -> Response {
    let parts = options.parts.iter().map(|part| state_of(&**part, options.time_limit));
    let parts = futures::future::join_all(parts).await;
    let all = parts.iter().all(|part| part.ready);
    let status = if all { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = Readiness { status: if all { "ready" } else { "not ready" }, parts };
    (status, no_store(Json(body))).into_response()
}

async fn state_of(part: &dyn Part, limit: Duration) -> PartState {
    let fault = match tokio::time::timeout(limit, part.ping()).await {
        Ok(Ok(())) => None,
        Ok(Err(fault)) => Some(fault.code),
        Err(_) => Some("no-answer".to_owned()),
    };
    let note = match fault {
        None => tokio::time::timeout(limit, part.note()).await.ok().flatten(),
        Some(_) => None,
    };
    PartState { part: part.name(), ready: fault.is_none(), fault, note }
}

async fn metrics(State(options): State<HealthOptions>) -> Response {
    no_store(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], (options.metrics)()))
}

fn no_store(answer: impl IntoResponse) -> Response {
    ([(header::CACHE_CONTROL, "no-store"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], answer)
        .into_response()
}
