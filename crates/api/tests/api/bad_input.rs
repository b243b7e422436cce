//! Bad input gets a clear problem that names the field and never repeats the value.

use std::collections::BTreeSet;

use axum::{
    body::{Body, Bytes},
    http::StatusCode,
};
use habeas_domain::{RequestId, Right};
use habeas_ledger::{RequestFilter, Scope};
use serde_json::{Value, json};

use crate::world::{Answer, World, call, masked, pretty, submission, unused_id};

/// Would be found in an answer that repeats values.
pub(crate) const MARK: &str = "zqxjvw";

/// Values that no field takes, each with the mark in it where it can be.
fn hostile() -> Vec<Value> {
    vec![
        json!({ MARK: MARK }),
        json!([[MARK]]),
        json!(true),
        json!(-1.5e300),
        json!(""),
        json!("   "),
        json!(format!("{MARK}\u{0}{MARK}")),
        json!(format!("{MARK}\u{1b}[2J\r\nBcc: {MARK}@example.com")),
        json!(format!("'; DROP TABLE request; -- {MARK}").repeat(400)),
        json!({ "$ne": null }),
    ]
}

/// An endpoint with a body: its method, its path as the document names it, the same with an id, and a good body with every
/// field.
pub(crate) struct Endpoint {
    pub(crate) method: &'static str,
    pub(crate) route: &'static str,
    pub(crate) path: String,
    pub(crate) good: Value,
}

impl Endpoint {
    pub(crate) async fn send(&self, world: &World, token: &str, body: impl Into<Body>) -> Answer {
        let request = call(self.method, token, &self.path).header("content-type", "application/json");
        world.send(request.body(body.into()).unwrap()).await
    }
}

/// A submission with every field, but for those of a child.
fn full() -> Value {
    let mut full = submission(&[Right::Correction]);
    full["language"] = json!("ja");
    full["channel"] = json!("ticket");
    full["received_at"] = json!("2026-11-20T09:00:00+09:00");
    full["message"] = json!("please");
    full["external_reference"] = json!("T-1");
    full["subject"]["phone"] = json!("+81 90 0000 0000");
    full["subject"]["identifiers"] = json!([{ "key": "customer_id", "value": "C-1" }]);
    full["agent"] = json!({ "name": "Alex Agent", "email": "alex@example.com", "organisation": "Agents",
        "mandate": "signed-permission", "reference": "P-1", "valid_until": "2027-01-01", "sha256": "0".repeat(64) });
    full
}

/// Nobody but the guardian stands for a child.
fn of_a_child() -> Value {
    let mut child = submission(&[Right::Access]);
    child["child"] = json!({ "age": 9, "country": "FR",
        "guardian": { "name": "山田 一郎", "email": "ichiro@example.jp" } });
    child
}

/// The method of an endpoint with a JSON body, its path as the document names it, and a good body with every field.
type Good = (&'static str, &'static str, Value);

/// Of requests, their jobs and their papers.
fn of_requests(cursor: &Value) -> Vec<Good> {
    vec![
        ("POST", "/v1/requests", full()),
        ("POST", "/v1/requests", of_a_child()),
        ("POST", "/v1/requests/find", json!({ "email": "hanako@example.jp", "cursor": cursor, "limit": 5 })),
        ("POST", "/v1/requests/{id}/extend", json!({ "reason": "slow systems" })),
        ("POST", "/v1/requests/{id}/acknowledge", json!({ "by": "post", "on": "2026-11-24" })),
        ("PUT", "/v1/requests/{id}/address", json!({ "email": "hanako.new@example.jp" })),
        (
            "POST",
            "/v1/requests/{id}/ask-paper",
            json!({ "kind": "identity-document", "reason": "no number" }),
        ),
        (
            "POST",
            "/v1/requests/{id}/evidence",
            json!({ "method": "call-back", "outcome": "passed", "note": "a note" }),
        ),
        (
            "POST",
            "/v1/requests/{id}/guardian",
            json!({ "name": "山田 一郎", "email": "ichiro@example.jp", "child_age": 9 }),
        ),
        (
            "POST",
            "/v1/requests/{id}/review",
            json!({ "finding": "0".repeat(64), "decision": "allow", "up_to": 200, "reason": "a reason" }),
        ),
        ("POST", "/v1/requests/{id}/settle-dispute", json!({ "decision": "upheld" })),
        ("POST", "/v1/jobs/{id}/approve", json!({ "plan": "0".repeat(64) })),
        ("POST", "/v1/jobs/{id}/refuse", json!({ "code": "excessive", "note": "a note" })),
        (
            "POST",
            "/v1/papers/{id}/judge",
            json!({ "decision": "accepted", "note": "a note", "agent_receives": true }),
        ),
    ]
}

fn of_mails(other: RequestId) -> Vec<Good> {
    vec![
        (
            "POST",
            "/v1/mails/{id}/accept",
            json!({ "rights": ["access"], "subject": "taro@example.com", "regime": "eu_gdpr", "sender_is": "guardian", "guardian_name": "山田 一郎", "child_age": 9 }),
        ),
        ("POST", "/v1/mails/{id}/dismiss", json!({ "reason": "an offer" })),
        (
            "POST",
            "/v1/mails/dismiss",
            json!({ "state": "parked", "verdict": "list", "mailbox": "privacy", "before": "2026-04-01T00:00:00Z", "reason_holds": "a list", "reason": "a list", "dry_run": true }),
        ),
        (
            "POST",
            "/v1/mails/read-again",
            json!({ "state": "parked", "verdict": "parked", "mailbox": "privacy", "before": "2026-04-01T00:00:00Z", "reason_holds": "given up", "dry_run": true }),
        ),
        ("POST", "/v1/mails/{id}/file", json!({ "request": other })),
    ]
}

/// Of agents, holds, work, stores and tokens.
fn of_the_rest(id: RequestId, other: RequestId) -> Vec<Good> {
    let batch = json!({ "name": "november", "agent": { "name": "Alex Agent", "email": "alex@example.com", "mandate": "signed-permission" },
        "requests": [submission(&[Right::Access])] });
    let hold = json!({ "keys": [{ "key": "email", "value": "hanako@example.jp" }], "requests": [id], "reason": "a case",
        "review_on": "2027-12-01" });
    vec![
        ("POST", "/v1/agents/{id}/bar", json!({ "reason": "forged-mandate" })),
        ("POST", "/v1/agents/{id}/unbar", json!({ "reason": "cleared", "resume": true })),
        ("POST", "/v1/batches", batch),
        ("POST", "/v1/holds", hold),
        ("POST", "/v1/holds/{id}/lift", json!({ "note": "settled" })),
        ("POST", "/v1/work/requeue", json!({ "fault": "mail-refused" })),
        ("POST", "/v1/work/requeue", json!({ "ids": [other] })),
        ("POST", "/v1/dead-letters/revive", json!({ "queue": "habeas.intake", "limit": 5 })),
        ("POST", "/v1/stores/{store}/close", json!({ "reason": "a disk failed" })),
        (
            "POST",
            "/v1/stores/{store}/re-erase",
            json!({ "restored_to": "2026-11-20T09:00:00+09:00", "confirmed": [other] }),
        ),
        ("POST", "/v1/stores/{store}/reopen", json!({ "without_re_erasing": "nothing was restored" })),
        (
            "POST",
            "/v1/tokens",
            json!({ "name": "a name", "holder": "a holder", "scopes": ["read"], "days": 5 }),
        ),
    ]
}

/// All of them. Whether the thing with that id is there is looked at after the body.
pub(crate) async fn endpoints(world: &World) -> Vec<Endpoint> {
    let id = world.request(&[Right::Deletion]).await;
    let job = world.job(id, Right::Deletion).await;
    world.request(&[Right::Access]).await;
    let reading = world.token(&[Scope::Read]).await;
    let cursor = world.get(&reading, "/v1/requests?limit=1").await.json()["next"].clone();
    let path = |route: &str| {
        let own = if route.contains("/jobs/") { job.to_string() } else { id.to_string() };
        route.replace("{id}", &own).replace("{store}", "shop")
    };
    let other = unused_id();
    let bodies = [of_requests(&cursor), of_mails(other), of_the_rest(id, other)].into_iter().flatten();
    bodies.map(|(method, route, good)| Endpoint { method, route, path: path(route), good }).collect()
}

/// Every property of a schema, below those that are objects or lists of objects as well.
fn properties(document: &Value, schema: &Value, good: &Value, name: &str, missing: &mut Vec<String>) {
    let schema = schema["$ref"].as_str().map_or(schema, |at| document.pointer(&at[1..]).unwrap());
    for (property, inner) in schema["properties"].as_object().into_iter().flatten() {
        let name = format!("{name} {property}");
        match good.get(property) {
            None => missing.push(name),
            Some(Value::Array(items)) => {
                properties(document, &inner["items"], items.first().unwrap_or(&Value::Null), &name, missing);
            }
            Some(value) => properties(document, inner, value, &name, missing),
        }
    }
}

/// So that no endpoint and no field is forgotten below.
#[tokio::test]
async fn every_endpoint_and_field_of_the_document_is_tried() {
    let document = serde_json::to_value(habeas_api::openapi()).unwrap();
    let world = World::new().await;
    let endpoints = endpoints(&world).await;
    let (mut missing, mut known) = (Vec::new(), BTreeSet::new());
    for (route, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            if schema.is_null() {
                continue;
            }
            known.insert(format!("{method} {route}"));
            let tried =
                endpoints.iter().filter(|one| one.route == route && one.method.eq_ignore_ascii_case(method));
            let not_in = tried.map(|one| {
                let mut missing = Vec::new();
                properties(&document, schema, &one.good, route, &mut missing);
                missing
            });
            let in_none =
                not_in.reduce(|one, other| one.into_iter().filter(|name| other.contains(name)).collect());
            missing.extend(in_none.unwrap_or_else(|| vec![format!("{method} {route}")]));
        }
    }
    assert_eq!(missing, Vec::<String>::new());
    let tried: BTreeSet<_> =
        endpoints.iter().map(|one| format!("{} {}", one.method.to_lowercase(), one.route)).collect();
    assert_eq!(known, tried);
}

/// Every leaf of a document: its JSON pointer and its name in a problem.
fn leaves(value: &Value, pointer: &str, name: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (field, inner) in fields {
                let name = if name.is_empty() { field.clone() } else { format!("{name}.{field}") };
                leaves(inner, &format!("{pointer}/{field}"), &name, found);
            }
        }
        Value::Array(items) => {
            for (place, inner) in items.iter().enumerate() {
                leaves(inner, &format!("{pointer}/{place}"), &format!("{name}[{place}]"), found);
            }
        }
        _ => found.push((pointer.to_owned(), name.to_owned())),
    }
}

/// Lines of a batch are answered one by one: those problems are in the answer, not instead of it.
fn named(answer: &Answer) -> Vec<String> {
    let lines = answer.json()["lines"].as_array().cloned().unwrap_or_default();
    let line = |(place, line): (usize, Value)| {
        let problems = line["problems"].as_array().cloned().unwrap_or_default();
        let named = move |problem: Value| format!("requests[{place}].{}", problem["field"].as_str().unwrap());
        problems.into_iter().map(named).collect::<Vec<_>>()
    };
    answer.fields().into_iter().chain(lines.into_iter().enumerate().flat_map(line)).collect()
}

#[tokio::test]
async fn every_field_of_every_body() {
    let world = World::new().await;
    let token = world.token(&[Scope::Admin]).await;
    let mut tried = 0;
    for endpoint in endpoints(&world).await {
        let mut fields = Vec::new();
        leaves(&endpoint.good, "", "", &mut fields);
        // Who asks for a batch is checked where batches are taken (`habeas-intake`).
        fields.retain(|(_, name)| endpoint.route != "/v1/batches" || !name.starts_with("agent"));
        for (pointer, name) in fields {
            let own = endpoint.good.pointer(&pointer).unwrap();
            for value in hostile().into_iter().filter(|value| !(own.is_boolean() && value.is_boolean())) {
                let mut body = endpoint.good.clone();
                *body.pointer_mut(&pointer).unwrap() = value.clone();
                let answer = endpoint.send(&world, &token, body.to_string()).await;
                let case = format!(
                    "{} {name} = {}: {} {}",
                    endpoint.route,
                    value.to_string().get(..40).unwrap_or("…"),
                    answer.status,
                    answer.text
                );
                let in_a_line = endpoint.route == "/v1/batches" && name.starts_with("requests[");
                if !in_a_line {
                    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{case}");
                    assert_eq!(answer.header("content-type"), "application/problem+json", "{case}");
                }
                assert!(
                    named(&answer).iter().any(|field| field == &name
                        || field.starts_with(&format!("{name}."))
                        || field.starts_with(&format!("{name}["))),
                    "{case}"
                );
                assert!(!answer.text.contains(MARK) && !answer.text.contains("DROP"), "{case}");
                tried += 1;
            }
        }
    }
    assert!(tried > 550, "{tried}");
}

#[tokio::test]
async fn required_fields_and_unknown_ones() {
    let world = World::new().await;
    let token = world.token(&[Scope::Admin]).await;
    for endpoint in endpoints(&world).await {
        let route = endpoint.route;
        // What a mail asks for can be taken as it was read, and a store that was cleared needs no reason to be reopened:
        // nothing has to be said.
        if !["/v1/mails/{id}/accept", "/v1/stores/{store}/reopen"].contains(&route) {
            let missing = endpoint.send(&world, &token, "{}").await;
            assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY, "{route}");
            assert!(!missing.fields().is_empty(), "{route}");
        }
        let mut more = endpoint.good.clone();
        more["colour"] = json!(MARK);
        more[format!("{MARK}@example.com")] = json!(1);
        let answer = endpoint.send(&world, &token, more.to_string()).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{route}");
        assert!(answer.fields().contains(&"colour".to_owned()), "{}", answer.text);
        assert!(!answer.text.contains(MARK), "{}", answer.text);
        for whole in [json!([]), json!("text"), json!(null), json!(7)] {
            let answer = endpoint.send(&world, &token, whole.to_string()).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{route}: {whole}");
            assert!(!answer.fields().is_empty(), "{route}: {whole}");
        }
    }
}

#[tokio::test]
async fn bodies_that_are_no_json() {
    let world = World::new().await;
    let token = world.token(&[Scope::Admin]).await;
    let deep = "[".repeat(100_000);
    let cases: [(&[u8], &str); 8] = [
        (b"", "empty"),
        (b"{\"subject\": \n  zqxjvw}", "broken"),
        (b"{\"a\": \"\xff\xfe\"}", "not-utf8"),
        (deep.as_bytes(), "deep"),
        (b"{\"limit\": 1e400}", "huge-number"),
        (b"{} {}", "two"),
        (b"{\"a\": 1", "cut"),
        (b"\0", "nul"),
    ];
    for endpoint in endpoints(&world).await {
        let route = endpoint.route;
        for (bytes, name) in cases {
            let answer = endpoint.send(&world, &token, Bytes::copy_from_slice(bytes)).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{route}: {name}");
            assert!(!answer.text.contains(MARK));
            masked(&format!("not-json-{name}"), &pretty(&answer));
        }
        let large = endpoint.send(&world, &token, vec![b' '; 10 * 1024 * 1024]).await;
        assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE, "{route}");
        masked("too-large", &pretty(&large));
        for kind in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=shift_jis"]
        {
            let request = call(endpoint.method, &token, &endpoint.path).header("content-type", kind);
            let answer = world.send(request.body(Body::from("{}")).unwrap()).await;
            assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{route}: {kind}");
        }
        let bare = call(endpoint.method, &token, &endpoint.path).body(Body::from("{}")).unwrap();
        assert_eq!(world.send(bare).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
}

#[tokio::test]
async fn a_field_of_ten_megabytes_is_too_much_and_nothing_is_kept() {
    let world = World::new().await;
    let token = world.token(&[Scope::Submit]).await;
    let mut body = submission(&[Right::Access]);
    body["message"] = json!("x".repeat(10 * 1024 * 1024));
    let answer = world.post(&token, "/v1/requests", &body).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(world.ledger.list_requests(&RequestFilter::default(), None, 10).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn a_submission_hears_of_all_its_problems_at_once() {
    let world = World::new().await;
    let token = world.token(&[Scope::Submit]).await;
    let body = json!({
        "regime": "atlantis", "rights": ["teleportation"], "language": "tlh", "channel": "pigeon",
        "subject": { "email": "two@example.com, three@example.com", "name": "a\u{0}b" },
        "received_at": "2126-01-01T00:00:00Z", "colour": "blue",
    });
    masked("submission-problems", &pretty(&world.post(&token, "/v1/requests", &body).await));
}
