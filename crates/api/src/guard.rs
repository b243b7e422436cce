//! What stands around every call: an id, a time limit, a catch for panics, headers, one line in the log, one metric.

use std::{panic::AssertUnwindSafe, time::Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use futures::FutureExt as _;
use habeas_domain::MessageId;
use tracing::Instrument as _;

use crate::{
    problem::{Problem, ProblemKind},
    state::Api,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Answers hold personal data: nothing may keep, frame or sniff them.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// The guard of every route. Its id is always our own: one that a caller chose could be anything.
pub(crate) async fn guard(State(api): State<Api>, request: Request, next: Next) -> Response {
    let id: MessageId = api.ports.ledger.ids().fresh();
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let span = tracing::info_span!("api", route, %method, call = %id, token = tracing::field::Empty);
    async {
        let began = Instant::now();
        let mut response = answer(&api, request, next).await;
        for (name, value) in HEADERS {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        let status = response.status().as_u16();
        metrics::histogram!(
            "habeas_api_call_seconds",
            "route" => route.clone(), "method" => method.to_string(), "status" => status.to_string()
        )
        .record(began.elapsed());
        tracing::info!(status, "call");
        response
    }
    .instrument(span)
    .await
}

async fn answer(api: &Api, request: Request, next: Next) -> Response {
    let run = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(api.options.time_limit, run).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!("a handler panicked");
            Problem::new(ProblemKind::Internal).into_response()
        }
        Err(_) => {
            tracing::warn!("a call took too long");
            Problem::new(ProblemKind::Unavailable)
                .with_detail("this took too long; look at its present state before you try again")
                .into_response()
        }
    }
}
