//! Bad input gets a clear problem that names the field and never repeats the value.

use axum::{
    body::{Body, Bytes},
    http::StatusCode,
};
use habeas_domain::Right;
use habeas_ledger::Scope;
use serde_json::{Value, json};

use crate::world::{World, call, masked, pretty, submission};

/// Would be found in an answer that repeats values.
const MARK: &str = "zqxjvw";

/// The same where a plain word would be a good value.
const MARKED: &str = "zqxjvw!";

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

/// Every endpoint with a body: its path, a good body, and its fields.
async fn endpoints(world: &World) -> Vec<(String, Value)> {
    let id = world.request(&[Right::Deletion]).await;
    let job = world.job(id, Right::Deletion).await;
    let mut full = submission(&[Right::Correction]);
    full["language"] = json!("ja");
    full["channel"] = json!("ticket");
    full["received_at"] = json!("2026-11-20T09:00:00+09:00");
    full["message"] = json!("please");
    full["external_reference"] = json!("T-1");
    full["subject"]["phone"] = json!("+81 90 0000 0000");
    full["subject"]["identifiers"] = json!([{ "key": "customer_id", "value": "C-1" }]);
    vec![
        ("/v1/requests".to_owned(), full),
        ("/v1/requests/find".to_owned(), json!({ "email": "hanako@example.jp", "limit": 5 })),
        (format!("/v1/requests/{id}/extend"), json!({ "reason": "slow systems" })),
        (format!("/v1/jobs/{job}/approve"), json!({ "plan": "0".repeat(64) })),
        (format!("/v1/jobs/{job}/refuse"), json!({ "code": "excessive", "note": "a note" })),
        ("/v1/work/requeue".to_owned(), json!({ "fault": "mail-refused" })),
        ("/v1/dead-letters/revive".to_owned(), json!({ "queue": "habeas.intake", "limit": 5 })),
        ("/v1/tokens".to_owned(), json!({ "name": "a name", "scopes": ["read"], "days": 5 })),
    ]
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

#[tokio::test]
async fn every_field_of_every_body() {
    let world = World::new().await;
    let token = world.token(&[Scope::Admin]).await;
    let mut tried = 0;
    for (path, good) in endpoints(&world).await {
        let mut fields = Vec::new();
        leaves(&good, "", "", &mut fields);
        for (pointer, name) in fields {
            for value in hostile() {
                let mut body = good.clone();
                *body.pointer_mut(&pointer).unwrap() = value.clone();
                let answer = world.post(&token, &path, &body).await;
                let case = format!(
                    "{path} {name} = {}: {}",
                    value.to_string().get(..40).unwrap_or("…"),
                    answer.text
                );
                assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{case}");
                assert_eq!(answer.header("content-type"), "application/problem+json", "{case}");
                let named = answer.fields();
                assert!(
                    named.iter().any(|field| field == &name
                        || field.starts_with(&format!("{name}."))
                        || field.starts_with(&format!("{name}["))),
                    "{case}"
                );
                assert!(!answer.text.contains(MARK) && !answer.text.contains("DROP"), "{case}");
                tried += 1;
            }
        }
    }
    assert!(tried > 250, "{tried}");
}

#[tokio::test]
async fn required_fields_and_unknown_ones() {
    let world = World::new().await;
    let token = world.token(&[Scope::Admin]).await;
    for (path, good) in endpoints(&world).await {
        let missing = world.post(&token, &path, &json!({})).await;
        assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert!(!missing.fields().is_empty());
        let mut more = good.clone();
        more["colour"] = json!(MARK);
        more[format!("{MARK}@example.com")] = json!(1);
        let answer = world.post(&token, &path, &more).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert!(answer.fields().contains(&"colour".to_owned()), "{}", answer.text);
        assert!(!answer.text.contains(MARK), "{}", answer.text);
        for whole in [json!([]), json!("text"), json!(null), json!(7)] {
            let answer = world.post(&token, &path, &whole).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}: {whole}");
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
    for (path, _) in endpoints(&world).await {
        for (bytes, name) in cases {
            let answer = world.post_text(&token, &path, Bytes::copy_from_slice(bytes)).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}: {name}");
            assert!(!answer.text.contains(MARK));
            masked(&format!("not-json-{name}"), &pretty(&answer));
        }
        let large = world.post_text(&token, &path, vec![b' '; 10 * 1024 * 1024]).await;
        assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        masked("too-large", &pretty(&large));
        for kind in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=shift_jis"]
        {
            let request = call("POST", &token, &path).header("content-type", kind);
            let answer = world.send(request.body(Body::from("{}")).unwrap()).await;
            assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path}: {kind}");
        }
        let bare = call("POST", &token, &path).body(Body::from("{}")).unwrap();
        assert_eq!(world.send(bare).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
}

#[tokio::test]
async fn every_parameter_of_every_query() {
    let world = World::new().await;
    let token = world.token(&[Scope::Admin]).await;
    let id = world.request(&[Right::Access]).await;
    let queries = [
        ("/v1/requests".to_owned(), vec!["state", "open", "right", "due_before", "cursor", "limit"]),
        (format!("/v1/requests/{id}"), vec!["reveal"]),
        ("/v1/work".to_owned(), vec!["state", "kind", "store", "request", "cursor", "limit"]),
        ("/v1/dead-letters".to_owned(), vec!["queue", "limit"]),
    ];
    for (path, fields) in queries {
        for field in fields {
            for value in
                [MARKED, "", "%00", "%FF%FE", "'%20OR%201=1", "-1", "99999999999999999999", "%E2%80%AE"]
            {
                let answer = world.get(&token, &format!("{path}?{field}={value}")).await;
                let case = format!("{path}?{field}={value}: {}", answer.text);
                assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{case}");
                assert_eq!(answer.fields(), [field], "{case}");
                assert!(!answer.text.contains(MARK), "{case}");
            }
            let twice = world.get(&token, &format!("{path}?{field}=1&{field}=2")).await;
            assert_eq!(
                (twice.status, twice.fields()),
                (StatusCode::UNPROCESSABLE_ENTITY, vec![field.to_owned()])
            );
        }
        let unknown = world.get(&token, &format!("{path}?{MARK}1={MARK}")).await;
        assert_eq!(unknown.fields(), ["(unknown)"]);
        assert!(!unknown.text.contains(MARK));
    }
}

#[tokio::test]
async fn every_id_in_an_address() {
    let world = World::new().await;
    let token = world.token(&[Scope::Admin]).await;
    let body = json!({ "reason": "a", "plan": "0".repeat(64), "code": "a" });
    for path in ["/v1/requests/L", "/v1/jobs/L/plan", "/v1/audit/L"] {
        for id in [MARK, "%00", "%FF%FE", "..%2F..%2Fetc", "1%27%20OR%201=1", &"1".repeat(4_000)] {
            let answer = world.get(&token, &path.replace('L', id)).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path} {id}: {}", answer.text);
            assert_eq!(answer.fields(), ["id"]);
            assert!(!answer.text.contains(MARK));
        }
    }
    for path in
        ["/v1/requests/L/extend", "/v1/requests/L/withdraw", "/v1/jobs/L/approve", "/v1/jobs/L/refuse"]
    {
        let answer = world.post(&token, &path.replace('L', MARK), &body).await;
        assert_eq!(
            (answer.status, answer.fields()),
            (StatusCode::BAD_REQUEST, vec!["id".to_owned()]),
            "{path}"
        );
    }
}

#[tokio::test]
async fn idempotency_keys_are_short_and_printable() {
    let world = World::new().await;
    let token = world.token(&[Scope::Submit]).await;
    for key in [String::new(), "x".repeat(201), "鍵".to_owned()] {
        let request = call("POST", &token, "/v1/requests")
            .header("content-type", "application/json")
            .header("idempotency-key", key.as_bytes());
        let body = submission(&[Right::Access]).to_string();
        let answer = world.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(
            (answer.status, answer.fields()),
            (StatusCode::UNPROCESSABLE_ENTITY, vec!["Idempotency-Key".to_owned()])
        );
    }
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
