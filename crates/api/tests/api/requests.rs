//! Handing in, seeing, extending, withdrawing.

use axum::{body::Body, http::StatusCode};
use habeas_domain::{Actor, KeyName, Personal, Right, review::FindingKind};
use habeas_ledger::{NewFinding, Scope};
use serde_json::json;

use crate::world::{World, call, masked, pretty, submission, unused_id};

#[tokio::test]
async fn a_request_is_taken_once_per_key() {
    let world = World::new().await;
    let token = world.token(&[Scope::Submit]).await;
    let send = |body: String| {
        let request = call("POST", &token, "/v1/requests")
            .header("content-type", "application/json; charset=utf-8")
            .header("idempotency-key", "ticket-4711");
        world.send(request.body(Body::from(body)).unwrap())
    };
    let first = send(submission(&[Right::Access]).to_string()).await;
    assert_eq!(first.status, StatusCode::CREATED);
    masked("taken", &pretty(&first));
    let id = first.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(first.header("location"), format!("/v1/requests/{id}"));

    let again = send(submission(&[Right::Access]).to_string()).await;
    assert_eq!((again.status, again.json()), (StatusCode::OK, first.json()));

    let other = send(submission(&[Right::Deletion]).to_string()).await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    masked("key-reused", &pretty(&other));
}

#[tokio::test]
async fn keys_of_two_callers_do_not_meet() {
    let world = World::new().await;
    let mut answers = Vec::new();
    for right in [Right::Access, Right::Deletion] {
        let token = world.token(&[Scope::Submit]).await;
        let request = call("POST", &token, "/v1/requests")
            .header("content-type", "application/json")
            .header("idempotency-key", "1");
        let answer = world.send(request.body(Body::from(submission(&[right]).to_string())).unwrap()).await;
        answers.push(answer.status);
    }
    assert_eq!(answers, [StatusCode::CREATED, StatusCode::CREATED]);
}

#[tokio::test]
async fn a_duplicate_is_named() {
    let world = World::new().await;
    let first = world.request(&[Right::Access]).await;
    let token = world.token(&[Scope::Submit]).await;
    let second = world.post(&token, "/v1/requests", &submission(&[Right::Access])).await;
    assert_eq!(second.json()["duplicate_of"], first.to_string());
}

#[tokio::test]
async fn a_request_is_shown_without_the_person() {
    let world = World::new().await;
    let id = world.request(&[Right::Access, Right::Deletion]).await;
    let token = world.token(&[Scope::Read]).await;
    let shown = world.get(&token, &format!("/v1/requests/{id}")).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(!shown.text.contains("hanako") && !shown.text.contains("山田"));
    masked("request", &pretty(&shown));
    let missing = world.get(&token, &format!("/v1/requests/{}", unused_id())).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn seeing_the_person_takes_a_scope_and_is_recorded() {
    let world = World::new().await;
    let id = world.request(&[Right::Access]).await;
    let path = format!("/v1/requests/{id}?reveal=personal");
    let reader = world.token(&[Scope::Read]).await;
    assert_eq!(world.get(&reader, &path).await.status, StatusCode::FORBIDDEN);
    assert!(world.log.0.lock().unwrap().is_empty());

    let (token_id, staff) = world.token_of(&[Scope::Read, Scope::Approve]).await;
    let shown = world.get(&staff, &path).await;
    assert_eq!(shown.json()["person"]["subject"]["email"], "hanako@example.jp");
    assert_eq!(*world.log.0.lock().unwrap(), [(id, Actor::Token(token_id), "submission")]);
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let world = World::new().await;
    for right in [Right::Access, Right::Deletion, Right::Access] {
        world.request(&[right]).await;
        world.clock.advance(chrono::TimeDelta::seconds(1));
    }
    let token = world.token(&[Scope::Read]).await;
    let all = world.get(&token, "/v1/requests").await.json();
    assert_eq!((all["items"].as_array().unwrap().len(), all["next"].is_null()), (3, true));
    let copies = world.get(&token, "/v1/requests?right=access&open=true&state=awaiting-verification").await;
    assert_eq!(copies.json()["items"].as_array().unwrap().len(), 2);

    let first = world.get(&token, "/v1/requests?limit=2").await.json();
    let rest = format!("/v1/requests?limit=2&cursor={}", first["next"].as_str().unwrap());
    let rest = world.get(&token, &rest).await.json();
    assert_eq!((rest["items"].as_array().unwrap().len(), rest["next"].is_null()), (1, true));
    assert_eq!(rest["items"][0]["id"], all["items"][2]["id"]);

    let reference = all["items"][1]["reference"].as_str().unwrap();
    let found = world.get(&token, &format!("/v1/requests?reference={}", reference.to_lowercase())).await;
    assert_eq!(found.json()["items"][0]["id"], all["items"][1]["id"]);
    let due = world.get(&token, "/v1/requests?due_before=2026-12-01T00:00:00Z").await;
    assert_eq!(due.json()["items"], json!([]));
}

#[tokio::test]
async fn a_person_is_found_by_an_address_in_the_body() {
    let world = World::new().await;
    let id = world.request(&[Right::Access]).await;
    let token = world.token(&[Scope::Read]).await;
    let found = world.post(&token, "/v1/requests/find", &json!({ "email": "Hanako@EXAMPLE.jp" })).await;
    assert_eq!(found.json()["items"][0]["id"], id.to_string(), "{}", found.text);
    let nobody = world.post(&token, "/v1/requests/find", &json!({ "email": "jiro@example.jp" })).await;
    assert_eq!(nobody.json()["items"], json!([]));
}

#[tokio::test]
async fn the_last_day_moves_once() {
    let world = World::new().await;
    let id = world.request(&[Right::Access]).await;
    let token = world.token(&[Scope::Approve]).await;
    let path = format!("/v1/requests/{id}/extend");
    let body = json!({ "reason": "Two of our systems are slow to answer." });
    let moved = world.post(&token, &path, &body).await;
    assert_eq!(moved.status, StatusCode::OK, "{}", moved.text);
    masked("extended", &pretty(&moved));
    let again = world.post(&token, &path, &body).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    masked("extended-twice", &pretty(&again));
}

#[tokio::test]
async fn a_request_can_be_taken_back() {
    let world = World::new().await;
    let id = world.request(&[Right::Access, Right::Deletion]).await;
    let token = world.token(&[Scope::Approve]).await;
    let path = format!("/v1/requests/{id}/withdraw");
    let done = world.post_text(&token, &path, Body::empty()).await;
    assert_eq!(done.json()["ended"].as_array().unwrap().len(), 2);
    let closed = world.post(&token, &format!("/v1/requests/{id}/extend"), &json!({ "reason": "late" })).await;
    assert_eq!(closed.status, StatusCode::CONFLICT);
    masked("closed", &pretty(&closed));
}

#[tokio::test]
async fn a_review_that_never_was_cannot_be_cleared() {
    let world = World::new().await;
    let id = world.request(&[Right::Access]).await;
    let token = world.token(&[Scope::Approve]).await;
    let path = format!("/v1/requests/{id}/clear-review");
    assert_eq!(world.post_text(&token, &path, Body::empty()).await.status, StatusCode::CONFLICT);

    world.prove(id).await;
    let lease = world.claim(id, habeas_domain::WorkKind::Resolve).await.lease;
    world.ledger.review_needed(lease, id, &contradiction()).await.unwrap();
    assert_eq!(world.post_text(&token, &path, Body::empty()).await.status, StatusCode::NO_CONTENT);
}

fn contradiction() -> NewFinding {
    NewFinding {
        kind: FindingKind::Contradiction,
        key: KeyName::new("email").ok(),
        place: Some(("shop".parse().unwrap(), "customer".parse().unwrap())),
        identifying: true,
        allowed: 0,
        proven: vec![Personal::new("hanako@example.jp".to_owned())],
        found: vec![Personal::new("other@example.com".to_owned())],
        reason: "a row of shop/customer carries another email than the one that was verified".to_owned(),
    }
}

#[tokio::test]
async fn a_finding_is_compared_and_decided_by_two_people() {
    let world = World::new().await;
    let id = world.request(&[Right::Deletion]).await;
    let (one, two) = (world.token(&[Scope::Approve]).await, world.token(&[Scope::Approve]).await);
    let reader = world.token(&[Scope::Read]).await;
    let path = format!("/v1/requests/{id}/review");
    assert_eq!(world.get(&one, &path).await.json()["findings"], json!([]));
    world.prove(id).await;
    let lease = world.claim(id, habeas_domain::WorkKind::Resolve).await.lease;
    world.ledger.review_needed(lease, id, &contradiction()).await.unwrap();

    let view = world.get(&reader, &format!("/v1/requests/{id}")).await;
    assert!(!view.text.contains("other@example.com"), "{}", view.text);
    let shown = view.json()["findings"][0].clone();
    assert_eq!((&shown["kind"], &shown["needed"]), (&json!("contradiction"), &json!(2)));
    assert_eq!(shown["takes"], json!(["another-person", "same-person"]));
    assert_eq!(world.get(&reader, &path).await.status, StatusCode::FORBIDDEN);
    let compared = world.get(&one, &path).await.json()["findings"][0].clone();
    assert_eq!(compared["proven"], json!(["hanako@example.jp"]));
    assert_eq!(compared["found"], json!(["other@example.com"]));
    let looks: Vec<&str> = world.log.0.lock().unwrap().iter().map(|(_, _, what)| *what).collect();
    assert_eq!(looks, ["findings", "findings"], "before there was one, and after");

    let body =
        json!({ "finding": shown["finding"], "decision": "another-person", "reason": "two customers" });
    let number =
        json!({ "finding": shown["finding"], "decision": "another-person", "up_to": 5, "reason": "x" });
    let wrong = world.post(&one, &path, &number).await;
    assert_eq!((wrong.status, wrong.fields()), (StatusCode::UNPROCESSABLE_ENTITY, vec!["up_to".to_owned()]));
    let first = world.post(&one, &path, &body).await.json();
    assert_eq!(first, json!({ "result": "counted", "missing": 1 }));
    assert_eq!(world.post(&one, &path, &body).await.status, StatusCode::CONFLICT, "nobody counts twice");
    let stale = json!({ "finding": "0".repeat(64), "decision": "another-person", "reason": "x" });
    assert_eq!(world.post(&two, &path, &stale).await.status, StatusCode::CONFLICT, "another finding");
    let second = world.post(&two, &path, &body).await.json();
    assert_eq!(second, json!({ "result": "decided", "missing": 0 }));
    let decided = world.get(&reader, &format!("/v1/requests/{id}")).await.json();
    assert_eq!(
        (&decided["state"], &decided["findings"][0]["state"]),
        (&json!("resolving"), &json!("decided"))
    );
    assert_eq!(decided["findings"][0]["decisions"].as_array().unwrap().len(), 2);
}
