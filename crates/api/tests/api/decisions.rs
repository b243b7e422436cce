//! Plans, approvals, refusals.

use axum::{body::Body, http::StatusCode};
use habeas_domain::{Actor, JobState, Right};
use habeas_ledger::Scope;
use serde_json::json;

use crate::world::{PLAN, World, masked, pretty};

#[tokio::test]
async fn a_plan_is_looked_at_and_then_approved() {
    let world = World::new().await;
    let id = world.request(&[Right::Deletion]).await;
    world.prove(id).await;
    world.plan(id).await;
    let job = world.job(id, Right::Deletion).await;
    let (token_id, token) = world.token_of(&[Scope::Approve]).await;

    let plan = world.get(&token, &format!("/v1/jobs/{job}/plan")).await;
    assert_eq!(plan.status, StatusCode::OK, "{}", plan.text);
    masked("plan", &pretty(&plan));
    assert_eq!(*world.log.0.lock().unwrap(), [(id, Actor::Token(token_id), "plan")]);

    let path = format!("/v1/jobs/{job}/approve");
    let stale = world.post(&token, &path, &json!({ "plan": "0".repeat(64) })).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    masked("stale-approval", &pretty(&stale));
    let done = world.post(&token, &path, &json!({ "plan": PLAN.to_string() })).await;
    assert_eq!(done.json(), json!({ "result": "approved", "missing": 0 }));
    let running = world.ledger.request_view(id).await.unwrap();
    assert_eq!(running.jobs[0].state, JobState::Running);
}

#[tokio::test]
async fn nobody_approves_their_own_request() {
    let world = World::new().await;
    let (_, token) = world.token_held_by("Aoki", &[Scope::Submit, Scope::Approve]).await;
    let body = crate::world::submission(&[Right::Deletion]);
    let answer = world.post(&token, "/v1/requests", &body).await;
    let id = answer.json()["id"].as_str().unwrap().parse().unwrap();
    world.prove(id).await;
    world.plan(id).await;
    let job = world.job(id, Right::Deletion).await;
    let body = json!({ "plan": PLAN.to_string() });
    let own = world.post(&token, &format!("/v1/jobs/{job}/approve"), &body).await;
    assert_eq!(own.status, StatusCode::CONFLICT);
    masked("own-request", &pretty(&own));
    let (_, second) = world.token_held_by("aoki", &[Scope::Approve]).await;
    let own = world.post(&second, &format!("/v1/jobs/{job}/approve"), &body).await;
    assert_eq!(own.status, StatusCode::CONFLICT, "a second token is no second person: {}", own.text);
}

#[tokio::test]
async fn a_job_without_a_plan_has_nothing_to_approve() {
    let world = World::new().await;
    let id = world.request(&[Right::Deletion]).await;
    let job = world.job(id, Right::Deletion).await;
    let token = world.token(&[Scope::Approve]).await;
    assert_eq!(world.get(&token, &format!("/v1/jobs/{job}/plan")).await.status, StatusCode::NOT_FOUND);
    let body = json!({ "plan": PLAN.to_string() });
    let early = world.post(&token, &format!("/v1/jobs/{job}/approve"), &body).await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    let anew = world.post_text(&token, &format!("/v1/jobs/{job}/plan-anew"), Body::empty()).await;
    assert_eq!(anew.status, StatusCode::CONFLICT);
    world.prove(id).await;
    world.plan(id).await;
    let anew = world.post_text(&token, &format!("/v1/jobs/{job}/plan-anew"), Body::empty()).await;
    assert_eq!(anew.status, StatusCode::NO_CONTENT, "{}", anew.text);
    let part = world.post_text(&token, &format!("/v1/jobs/{job}/accept-part"), Body::empty()).await;
    assert_eq!(part.status, StatusCode::CONFLICT);
    let copy = world.post_text(&token, &format!("/v1/jobs/{job}/confirm-copy"), Body::empty()).await;
    assert_eq!(copy.status, StatusCode::CONFLICT, "it waits for no copy");
}

#[tokio::test]
async fn a_refusal_needs_a_reason_of_the_law() {
    let world = World::new().await;
    let id = world.request(&[Right::Access, Right::Deletion]).await;
    let token = world.token(&[Scope::Approve]).await;
    let access = format!("/v1/jobs/{}/refuse", world.job(id, Right::Access).await);
    let deletion = format!("/v1/jobs/{}/refuse", world.job(id, Right::Deletion).await);

    let wrong = world.post(&token, &access, &json!({ "code": "legal-obligation" })).await;
    assert_eq!((wrong.status, wrong.fields()), (StatusCode::UNPROCESSABLE_ENTITY, vec!["code".to_owned()]));
    assert!(wrong.text.contains("identity-not-proven"), "{}", wrong.text);

    let body = json!({ "code": "legal-obligation", "note": "The invoices have to stay." });
    assert_eq!(world.post(&token, &deletion, &body).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.post(&token, &deletion, &body).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn receipts_are_shown_to_readers() {
    let world = World::new().await;
    let id = world.request(&[Right::Access]).await;
    let token = world.token(&[Scope::Read]).await;
    let path = format!("/v1/requests/{id}/receipts");
    assert_eq!(world.get(&token, &path).await.json(), json!({ "receipts": [] }));
    let approver = world.token(&[Scope::Submit]).await;
    assert_eq!(world.get(&approver, &path).await.status, StatusCode::FORBIDDEN);
    let unknown = "/v1/requests/018f3c5e-7a4b-7000-8000-000000000000/receipts";
    assert_eq!(world.get(&token, unknown).await.status, StatusCode::NOT_FOUND);
}
