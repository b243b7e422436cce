//! Whether the process lives, whether it is ready, and what it counts. The first two need no token and tell nothing but names of
//! parts and numbers; they are limited, and the parts are not asked more often than [`HealthOptions::fresh_for`] says.

use std::{
    net::{IpAddr, SocketAddr},
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
use habeas_ledger::{Ledger, Scope};
use habeas_web::{Quota, RateLimit, network};
use serde::Serialize;
use tokio::sync::Mutex;

use crate::{
    caller::holder,
    limits::too_many,
    ports::Part,
    problem::{Problem, ProblemKind},
};

/// Writes the metrics in the text format of Prometheus.
pub type WriteMetrics = Arc<dyn Fn() -> String + Send + Sync>;

/// Who may read the metrics.
#[derive(Clone)]
pub enum Metrics {
    /// Nobody: they are served elsewhere.
    Elsewhere,
    /// Whoever reaches this listener.
    Open(WriteMetrics),
    /// Holders of a token with the scope `read`.
    ToHolders(WriteMetrics, Ledger),
}

/// What the health checks look at.
#[derive(Clone)]
pub struct HealthOptions {
    /// What has to answer before the process is ready.
    pub parts: Vec<Arc<dyn Part>>,
    /// How long each may take.
    pub time_limit: Duration,
    /// How long an answer about the parts stands.
    pub fresh_for: Duration,
    /// How often one network may call in a second.
    pub calls_per_client: NonZeroU32,
    /// What `/metrics` gives, and to whom.
    pub metrics: Metrics,
}

#[derive(Clone)]
struct Health {
    options: HealthOptions,
    limit: Arc<RateLimit<Option<IpAddr>>>,
    last: Arc<Mutex<Option<(Instant, Readiness)>>>,
}

/// `/livez`, `/readyz` and `/metrics`, to be served beside the API or on a port of their own.
pub fn health(options: HealthOptions) -> Router {
    let limit = Arc::new(RateLimit::new(Quota::per_second(options.calls_per_client)));
    let has_metrics = !matches!(options.metrics, Metrics::Elsewhere);
    let health = Health { options, limit, last: Arc::default() };
    let routes =
        Router::new().route("/livez", get(async || no_store("alive\n"))).route("/readyz", get(ready));
    let routes = if has_metrics { routes.route("/metrics", get(metrics)) } else { routes };
    routes.route_layer(from_fn_with_state(health.clone(), limited)).with_state(health)
}

async fn limited(State(health): State<Health>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let client = peer.map(|ConnectInfo(address)| network(address.ip()));
    match health.limit.check(&client) {
        Ok(()) => next.run(request).await,
        Err(wait) => too_many(wait).into_response(),
    }
}

#[derive(Clone, Serialize)]
struct Readiness {
    status: &'static str,
    parts: Vec<PartState>,
}

#[derive(Clone, Serialize)]
struct PartState {
    part: &'static str,
    ready: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

async fn ready(State(health): State<Health>) -> Response {
    let found = looked(&health).await;
    let status = if found.status == READY { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, no_store(Json(found))).into_response()
}

const READY: &str = "ready";

/// What was found a moment ago, or is found now. Those who ask at one time wait for one look.
async fn looked(health: &Health) -> Readiness {
    let mut last = health.last.lock().await;
    if let Some((at, found)) = last.as_ref()
        && at.elapsed() < health.options.fresh_for
    {
        return found.clone();
    }
    let parts = health.options.parts.iter().map(|part| state_of(&**part, health.options.time_limit));
    let parts = futures::future::join_all(parts).await;
    let status = if parts.iter().all(|part| part.ready) { READY } else { "not ready" };
    let found = Readiness { status, parts };
    *last = Some((Instant::now(), found.clone()));
    found
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

async fn metrics(State(health): State<Health>, headers: HeaderMap) -> Result<Response, Problem> {
    let write = match &health.options.metrics {
        Metrics::Elsewhere => return Err(Problem::new(ProblemKind::NotFound)),
        Metrics::Open(write) => write,
        Metrics::ToHolders(write, ledger) => match holder(&headers, ledger).await? {
            Some(token) if token.allows(Scope::Read) => write,
            Some(_) => return Err(Problem::lacks(Scope::Read)),
            None => return Err(Problem::new(ProblemKind::Unauthenticated)),
        },
    };
    Ok(no_store(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], write())))
}

fn no_store(answer: impl IntoResponse) -> Response {
    ([(header::CACHE_CONTROL, "no-store"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], answer)
        .into_response()
}
