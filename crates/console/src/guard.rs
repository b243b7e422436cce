//! What stands around every page: limits, the origin of forms, a time limit, headers, and one line in the log.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::Response,
};
use habeas_domain::Language;
use minijinja::context;
use tracing::Instrument as _;

use crate::{notice::Notice, pages::Page, same_origin, state::Console};

const POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// On every page and every download. Links hold secrets: no page may be kept, framed, indexed or named as referrer.
const HEADERS: [(HeaderName, &str); 10] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
];

/// The guard of all pages in one language.
pub(crate) async fn guard(
    State((console, language)): State<(Console, Language)>,
    mut request: Request,
    next: Next,
) -> Response {
    request.extensions_mut().insert(language);
    let span = span(&request);
    async {
        let method = request.method().clone();
        let mut response = answer(&console, request, next).await;
        if let Some(notice) = response.extensions_mut().remove::<Notice>() {
            response = explain(&console, language, &notice);
        }
        for (name, value) in HEADERS {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response.headers_mut().insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.as_str()));
        tracing::info!(%method, status = response.status().as_u16(), "page");
        response
    }
    .instrument(span)
    .await
}

/// The route's pattern only: the path itself holds a secret.
fn span(request: &Request) -> tracing::Span {
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str);
    tracing::info_span!("console", route)
}

async fn answer(console: &Console, request: Request, next: Next) -> Response {
    use axum::response::IntoResponse as _;
    if let Err(notice) = admit(console, &request) {
        return notice.into_response();
    }
    let answer = tokio::time::timeout(console.settings.time_limit, next.run(request)).await;
    answer.unwrap_or_else(|_| Notice::TooSlow.into_response())
}

fn admit(console: &Console, request: &Request) -> Result<(), Notice> {
    let client = client(request);
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return console.limits.look(client).map_err(Notice::TooMany);
    }
    console.limits.post(client).map_err(Notice::TooMany)?;
    if same_origin::is_allowed(request.headers()) { Ok(()) } else { Err(Notice::OtherSite) }
}

/// Who calls, as the listener (or the daemon, behind a trusted proxy) says.
fn client(request: &Request) -> Option<IpAddr> {
    request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip())
}

fn explain(console: &Console, language: Language, notice: &Notice) -> Response {
    if let Notice::Failed(fault) = notice {
        tracing::error!(code = fault.code, detail = fault.detail, "a page could not be given");
    }
    let wait = notice.retry_after();
    let facts = context! { notice => notice.word(), seconds => wait.filter(|seconds| *seconds < 60) };
    let mut response = console.draw(language, Page::new("notice", facts).with(notice.status()));
    if let Some(seconds) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
