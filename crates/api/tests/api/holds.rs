//! Legal holds: placing, showing and lifting them.

use axum::http::StatusCode;
use habeas_domain::Right;
use habeas_ledger::Scope;
use serde_json::{Value, json};

use crate::world::{World, masked, pretty, unused_id};

fn hold() -> Value {
    json!({
        "keys": [{ "key": "email", "value": "hanako@example.jp" }, { "key": "customer_id", "value": "C-4242" }],
        "reason": "Case 2027-031", "review_on": "2027-12-01",
    })
}

#[tokio::test]
async fn a_hold_is_placed_shown_and_lifted_once() {
    let world = World::new().await;
    let token = world.token(&[Scope::Hold]).await;
    let request = world.request(&[Right::Deletion]).await;
    let mut body = hold();
    body["requests"] = json!([request]);
    let placed = world.post(&token, "/v1/holds", &body).await;
    assert_eq!(placed.status, StatusCode::CREATED, "{}", placed.text);
    let id = placed.json()["id"].as_str().unwrap().to_owned();
    let one = format!("/v1/holds/{id}");
    assert_eq!(placed.json()["whole"], true);
    let keys = world.get(&token, &one).await.json()["keys"].clone();
    let older = json!({ "key": "email", "value": "hanako.old@example.com" });
    assert!(
        keys.as_array().unwrap().contains(&older),
        "the hold is about every key that the stores hold: {keys}"
    );
    let shown_all = world.get(&token, "/v1/holds").await;
    assert!(!shown_all.text.contains("hanako") && !shown_all.text.contains("2027-031"), "{}", shown_all.text);
    let lift = format!("{one}/lift");
    let lifted = world.post(&token, &lift, &json!({ "note": "settled" })).await;
    assert_eq!(lifted.json(), json!({ "resumed": [], "still_held": [] }));
    assert_eq!(world.post(&token, &lift, &json!({ "note": "again" })).await.status, StatusCode::CONFLICT);
    masked("hold", &pretty(&world.get(&token, &one).await));
    assert_eq!(world.get(&token, "/v1/holds").await.json(), json!([]));
    let all = world.get(&token, "/v1/holds?lifted=true").await.json();
    assert_eq!(all.as_array().map(Vec::len), Some(1));
    let nobody = format!("/v1/holds/{}", unused_id());
    assert_eq!(world.get(&token, &nobody).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_held_job_names_its_holds() {
    let world = World::new().await;
    let token = world.token(&[Scope::Hold, Scope::Read]).await;
    let request = world.request(&[Right::Deletion]).await;
    world.prove(request).await;
    world.plan(request).await;
    let placed = world.post(&token, "/v1/holds", &hold()).await.json();
    let shown = world.get(&token, &format!("/v1/requests/{request}")).await.json();
    let job = &shown["jobs"][0];
    assert_eq!((&job["state"], &job["holds"]), (&json!("held"), &json!([placed["id"]])));
    assert_eq!((&job["waits_for"], &placed["stopped"]), (&json!(["legal-hold"]), &json!([job["id"]])));
}

#[tokio::test]
async fn what_would_stop_nothing_is_refused_field_by_field() {
    let world = World::new().await;
    let token = world.token(&[Scope::Hold]).await;
    let refused = async |body: Value| {
        let answer = world.post(&token, "/v1/holds", &body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
        assert!(!answer.text.contains("hanako"), "no value is repeated");
        answer.fields()
    };
    assert_eq!(refused(json!({})).await, ["reason", "keys"]);
    let body = json!({ "reason": "x", "keys": [
        { "key": "order_id", "value": "hanako-1" }, { "key": "email", "value": "hanako" }, { "key": "customer_id", "value": "1" },
    ] });
    assert_eq!(refused(body).await, ["keys[0].key", "keys[1].value"]);
    let body = json!({ "reason": "x", "keys": [{ "key": "email", "colour": 1 }] });
    assert_eq!(refused(body).await, ["keys[0].colour", "keys[0].value"]);
    let body = json!({ "reason": "x", "requests": [unused_id()] });
    assert_eq!(refused(body).await, ["requests"]);
    let mut body = hold();
    body["review_on"] = json!("some day");
    assert_eq!(refused(body).await, ["review_on"]);
    let others = world.token(&[Scope::Read, Scope::Approve, Scope::Operate]).await;
    assert_eq!(world.get(&others, "/v1/holds").await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.post(&others, "/v1/holds", &hold()).await.status, StatusCode::FORBIDDEN);
}
