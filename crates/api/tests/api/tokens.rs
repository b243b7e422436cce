//! Who may call.

use std::num::NonZeroU32;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use chrono::TimeDelta;
use habeas_api::{RateLimits, openapi};
use habeas_domain::Actor;
use habeas_ledger::Scope;
use serde_json::json;

use crate::world::{Answer, World, call, masked, pretty};

/// Every route of the document with its scope, made concrete.
fn routes() -> Vec<(String, String, Scope)> {
    let document = serde_json::to_value(openapi()).unwrap();
    let mut routes = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let scope = operation["security"][0]["token"][0].as_str().unwrap().parse().unwrap();
            let path = path.replace("{id}", "0193b5c0-1234-7000-8000-000000000001");
            routes.push((method.to_uppercase(), path, scope));
        }
    }
    assert!(routes.len() > 15);
    routes
}

#[tokio::test]
async fn every_route_needs_a_valid_token() {
    let world = World::new().await;
    let (id, revoked) = world.token_of(&[Scope::Admin]).await;
    world.ledger.revoke_token(id, Actor::System).await.unwrap();
    let unknown = "habeas_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let mut bodies = Vec::new();
    for (method, path, _) in routes() {
        for token in [unknown, &revoked, "", "x", "habeas_", "'; DROP TABLE api_token; --"] {
            let answer = world.send(call(&method, token, &path).body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
            bodies.push(answer.text);
        }
        let bare = Request::builder().method(method.as_str()).uri(&path).body(Body::empty()).unwrap();
        assert_eq!(world.send(bare).await.status, StatusCode::UNAUTHORIZED);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "the answer tells nothing about the token");
}

#[tokio::test]
async fn every_route_needs_its_scope() {
    let world = World::new().await;
    for (method, path, scope) in routes() {
        let others: Vec<Scope> =
            Scope::ALL.into_iter().filter(|one| *one != scope && *one != Scope::Admin).collect();
        let token = world.token(&others).await;
        let refused = world.send(call(&method, &token, &path).body(Body::empty()).unwrap()).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{method} {path}");
        for allowed in [scope, Scope::Admin] {
            let token = world.token(&[allowed]).await;
            let answer = world.send(call(&method, &token, &path).body(Body::empty()).unwrap()).await;
            let denied = matches!(answer.status, StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED);
            assert!(!denied, "{method} {path} with {allowed}");
        }
    }
}

#[tokio::test]
async fn a_token_ends_by_itself() {
    let world = World::new().await;
    let token = world.token(&[Scope::Read]).await;
    assert_eq!(world.get(&token, "/v1/requests").await.status, StatusCode::OK);
    world.clock.advance(TimeDelta::days(90));
    assert_eq!(world.get(&token, "/v1/requests").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn tokens_are_made_listed_and_revoked() {
    let world = World::new().await;
    let admin = world.token(&[Scope::Admin]).await;
    let body = json!({ "name": "ticket system", "holder": "Support", "scopes": ["submit"], "days": 30 });
    let made = world.post(&admin, "/v1/tokens", &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let (id, token) = (made.json()["id"].clone(), made.json()["token"].clone());
    assert_eq!(made.json()["expires_at"], "2026-12-21T09:00:00Z");

    let listed = world.get(&admin, "/v1/tokens").await;
    assert!(!listed.text.contains(token.as_str().unwrap()));
    let own = listed.json().as_array().unwrap().iter().find(|one| one["id"] == id).cloned().unwrap();
    assert_eq!((own["name"].as_str(), &own["scopes"]), (Some("ticket system"), &json!(["submit"])));
    assert_eq!((&own["holder"], &own["acts_as"]), (&json!("Support"), &id));

    let path = format!("/v1/tokens/{}", id.as_str().unwrap());
    let revoke = || call("DELETE", &admin, &path).body(Body::empty()).unwrap();
    assert_eq!(world.send(revoke()).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.send(revoke()).await.status, StatusCode::NO_CONTENT);
    let after = world.post(token.as_str().unwrap(), "/v1/requests", &json!({})).await;
    assert_eq!(after.status, StatusCode::UNAUTHORIZED);
}

fn refused(answer: &Answer) -> bool {
    answer.status == StatusCode::TOO_MANY_REQUESTS && answer.header("retry-after").parse::<u64>().unwrap() > 0
}

#[tokio::test]
async fn calls_and_failures_are_limited() {
    let few = NonZeroU32::new(5).unwrap();
    let many = NonZeroU32::new(1_000).unwrap();
    let world = World::with(RateLimits { calls_per_token: many, failures_per_client: few }).await;
    let token = world.token(&[Scope::Read]).await;
    let mut answers = Vec::new();
    for _ in 0..7 {
        answers.push(world.get("nonsense", "/v1/requests").await);
    }
    assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::UNAUTHORIZED).count(), 5);
    assert!(answers.iter().skip(5).all(refused));
    masked("too-many", &pretty(&answers[6]));
    assert_eq!(world.get(&token, "/v1/requests").await.status, StatusCode::OK, "a valid token still passes");

    let one = NonZeroU32::MIN;
    let world = World::with(RateLimits { calls_per_token: one, failures_per_client: many }).await;
    let (token, other) = (world.token(&[Scope::Read]).await, world.token(&[Scope::Read]).await);
    assert_eq!(world.get(&token, "/v1/requests").await.status, StatusCode::OK);
    assert!(refused(&world.get(&token, "/v1/requests").await));
    assert_eq!(world.get(&other, "/v1/requests").await.status, StatusCode::OK);
}

#[tokio::test]
async fn refusals_are_problem_documents() {
    let world = World::new().await;
    let token = world.token(&[Scope::Read]).await;
    let nobody = world.get("nonsense", "/v1/requests").await;
    masked("unauthenticated", &pretty(&nobody));
    masked("forbidden", &pretty(&world.get(&token, "/v1/tokens").await));
    masked("no-such-route", &pretty(&world.get(&token, "/v1/nothing/here").await));
    let method = world.send(call("PUT", &token, "/v1/requests").body(Body::empty()).unwrap()).await;
    assert!(method.header("allow").contains("GET") && method.header("allow").contains("POST"));
    masked("wrong-method", &pretty(&method));
    for answer in [nobody, method] {
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-request-id").len(), 36);
    }
}
