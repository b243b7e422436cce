//! The calls of the protocol.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Query, Request};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;

use super::state::{State, Unfinished};
use super::{percent, xml};

const BODY_LIMIT: usize = 64 * 1024 * 1024;

type Answer = (&'static str, Response);

/// Answers any call, and counts it.
pub(super) async fn answer(
    axum::extract::State(state): axum::extract::State<Arc<State>>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let (call, response) = if state.credentials.signed(&head.method, &head.uri, &head.headers, &body) {
        route(&state, &head.method, &head.uri, &head.headers, body)
    } else {
        ("refused", failure(StatusCode::FORBIDDEN, "SignatureDoesNotMatch"))
    };
    state.count(call);
    response
}

fn route(state: &State, method: &Method, uri: &Uri, headers: &HeaderMap, body: Bytes) -> Answer {
    let Ok(Query(query)) = Query::<HashMap<String, String>>::try_from_uri(uri) else {
        return ("malformed", failure(StatusCode::BAD_REQUEST, "InvalidArgument"));
    };
    let path = percent::decode(uri.path());
    let Some(inside) = path.strip_prefix('/').and_then(|path| path.strip_prefix(state.bucket.as_str()))
    else {
        return ("other bucket", failure(StatusCode::NOT_FOUND, "NoSuchBucket"));
    };
    let name = inside.trim_start_matches('/');
    let has = |word: &str| query.contains_key(word);
    match *method {
        Method::GET if name.is_empty() => list(state, &query),
        Method::GET => get(state, name, headers),
        Method::HEAD => look_up(state, name),
        Method::POST if has("delete") => delete_many(state, &body),
        Method::POST if has("uploads") => {
            let id = state.begin(name);
            ("begin parts", document(xml::upload(&state.bucket, name, &id)))
        }
        Method::POST => finish(state, name, &query),
        Method::PUT if has("uploadId") => part(state, &query, body),
        Method::PUT => {
            state.put(name, body);
            ("put", [(header::ETAG, "\"etag\"")].into_response())
        }
        Method::DELETE if has("uploadId") => {
            state.give_up(word(&query, "uploadId"));
            ("give up parts", StatusCode::NO_CONTENT.into_response())
        }
        Method::DELETE => {
            state.delete(name);
            ("delete", StatusCode::NO_CONTENT.into_response())
        }
        _ => ("unknown", failure(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed")),
    }
}

fn list(state: &State, query: &HashMap<String, String>) -> Answer {
    let asked = word(query, "max-keys").parse().unwrap_or(1_000);
    let after = match word(query, "continuation-token") {
        "" => word(query, "start-after"),
        token => token,
    };
    ("list", document(xml::page(state, word(query, "prefix"), after, asked)))
}

fn get(state: &State, name: &str, headers: &HeaderMap) -> Answer {
    let Some(bytes) = state.get(name) else { return ("get", failure(StatusCode::NOT_FOUND, "NoSuchKey")) };
    let range = headers.get(header::RANGE).and_then(|range| range.to_str().ok());
    let Some(range) = range else { return ("get", bytes.into_response()) };
    let Some((from, to)) = read_range(range, bytes.len()) else {
        return ("get range", failure(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange"));
    };
    let place = format!("bytes {from}-{}/{}", to - 1, bytes.len());
    let part = bytes.slice(from..to);
    ("get range", (StatusCode::PARTIAL_CONTENT, [(header::CONTENT_RANGE, place)], part).into_response())
}

/// `bytes=from-to`, with `to` included and optional; as a half-open range within `length`.
fn read_range(range: &str, length: usize) -> Option<(usize, usize)> {
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    let from: usize = from.parse().ok()?;
    let to = if to.is_empty() { length } else { to.parse::<usize>().ok()?.checked_add(1)?.min(length) };
    (from < to).then_some((from, to))
}

fn look_up(state: &State, name: &str) -> Answer {
    let response = match state.get(name) {
        Some(bytes) => {
            let length = [(header::CONTENT_LENGTH, bytes.len().to_string())];
            (length, Body::empty()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    };
    ("look up", response)
}

fn delete_many(state: &State, body: &[u8]) -> Answer {
    let names = xml::names(&String::from_utf8_lossy(body));
    for name in &names {
        state.delete(name);
    }
    ("delete many", document(xml::deleted(&names)))
}

fn part(state: &State, query: &HashMap<String, String>, body: Bytes) -> Answer {
    let number = word(query, "partNumber").parse().unwrap_or(0);
    let response = if number > 0 && state.part(word(query, "uploadId"), number, body) {
        [(header::ETAG, format!("\"part-{number}\""))].into_response()
    } else {
        failure(StatusCode::NOT_FOUND, "NoSuchUpload")
    };
    ("put part", response)
}

fn finish(state: &State, name: &str, query: &HashMap<String, String>) -> Answer {
    let response = match state.finish(word(query, "uploadId")) {
        Ok(()) => document(xml::finished(&state.bucket, name)),
        Err(Unfinished::NoSuchUpload) => failure(StatusCode::NOT_FOUND, "NoSuchUpload"),
        Err(Unfinished::EntityTooSmall) => failure(StatusCode::BAD_REQUEST, "EntityTooSmall"),
    };
    ("finish parts", response)
}

fn word<'a>(query: &'a HashMap<String, String>, name: &str) -> &'a str {
    query.get(name).map(String::as_str).unwrap_or_default()
}

fn document(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/xml")], text).into_response()
}

fn failure(status: StatusCode, code: &str) -> Response {
    (status, [(header::CONTENT_TYPE, "application/xml")], xml::error(code)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_protocol_writes_them() {
        assert_eq!(read_range("bytes=2-4", 10), Some((2, 5)));
        assert_eq!(read_range("bytes=2-", 10), Some((2, 10)));
        assert_eq!(read_range("bytes=2-99", 10), Some((2, 10)));
        assert_eq!(read_range("bytes=10-12", 10), None);
    }
}
