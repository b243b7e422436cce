//! Stores: closing, erasing again and reopening them.

use axum::http::StatusCode;
use habeas_domain::Right;
use habeas_ledger::Scope;
use serde_json::{Value, json};

use crate::world::{World, masked, pretty};

fn closing() -> Value {
    json!({ "reason": "restored after a disk failure" })
}

fn backup() -> Value {
    json!({ "restored_to": "2025-03-01T02:00:00Z" })
}

#[tokio::test]
async fn a_store_is_closed_erased_again_in_and_reopened() {
    let world = World::new().await;
    let token = world.token(&[Scope::Operate]).await;
    let open = world.get(&token, "/v1/stores").await.json();
    assert_eq!(open, json!([{ "name": "shop", "closing": null }]));
    let closed = world.post(&token, "/v1/stores/shop/close", &closing()).await;
    assert_eq!(
        (closed.status, &closed.json()["working"]),
        (StatusCode::CREATED, &json!(0)),
        "{}",
        closed.text
    );
    let again = world.post(&token, "/v1/stores/shop/close", &closing()).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    let early = world.post(&token, "/v1/stores/shop/reopen", &json!({})).await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    assert!(early.text.contains("erased again"), "{}", early.text);
    let begun = world.post(&token, "/v1/stores/shop/re-erase", &backup()).await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.text);
    masked("stores", &pretty(&world.get(&token, "/v1/stores").await));
    let reopened = world.post(&token, "/v1/stores/shop/reopen", &json!({})).await;
    assert_eq!(reopened.status, StatusCode::NO_CONTENT, "{}", reopened.text);
    let late = world.post(&token, "/v1/stores/shop/re-erase", &backup()).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "it is open");
    assert_eq!(world.post(&token, "/v1/stores/shop/reopen", &json!({})).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn one_re_erasing_at_a_time_is_begun_and_shown() {
    let world = World::new().await;
    let token = world.token(&[Scope::Operate]).await;
    world.post(&token, "/v1/stores/shop/close", &closing()).await;
    let request = world.request(&[Right::Deletion]).await;
    let order = json!({ "restored_to": "2025-03-01T02:00:00Z", "confirmed": [request] });
    let begun = world.post(&token, "/v1/stores/shop/re-erase", &order).await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.text);
    let shown = world.get(&token, "/v1/stores").await.json();
    let run = &shown[0]["closing"]["run"];
    assert_eq!((&run["state"], &run["confirmed"]), (&json!("under-way"), &json!([request])), "{run}");
    let second = world.post(&token, "/v1/stores/shop/re-erase", &backup()).await;
    assert_eq!(second.status, StatusCode::CONFLICT, "the order would be lost");
    assert!(second.text.contains("under way"), "{}", second.text);
}

#[tokio::test]
async fn what_was_closed_is_on_record_when_it_is_open_again() {
    let world = World::new().await;
    let admin = world.token(&[Scope::Admin]).await;
    assert_eq!(world.get(&admin, "/v1/stores/shop/closings").await.json(), json!([]));
    assert_eq!(world.get(&admin, "/v1/stores/attic/closings").await.status, StatusCode::NOT_FOUND);
    let closed = world.post(&admin, "/v1/stores/shop/close", &closing()).await.json();
    let why = json!({ "without_re_erasing": "nothing was restored after all" });
    world.post(&admin, "/v1/stores/shop/reopen", &why).await;
    let listed = world.get(&admin, "/v1/stores/shop/closings").await.json();
    assert_eq!(
        (&listed[0]["id"], &listed[0]["reason"], &listed[0]["without_re_erasing"]),
        (&closed["id"], &closing()["reason"], &why["without_re_erasing"])
    );
    assert_eq!(listed[0]["reopened_by"], listed[0]["closed_by"]);
    let trail = world.get(&admin, &format!("/v1/audit/{}", closed["id"].as_str().unwrap())).await.json();
    let events: Vec<_> = trail["entries"].as_array().unwrap().iter().map(|entry| &entry["event"]).collect();
    assert_eq!(events, ["store-closed", "store-reopened"]);
    let others = world.token(&[Scope::Read, Scope::Approve, Scope::Hold]).await;
    assert_eq!(world.get(&others, "/v1/stores/shop/closings").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn only_an_admin_reopens_a_store_without_erasing_again() {
    let world = World::new().await;
    let ops = world.token(&[Scope::Operate]).await;
    let admin = world.token(&[Scope::Admin]).await;
    world.post(&ops, "/v1/stores/shop/close", &closing()).await;
    let why = json!({ "without_re_erasing": "nothing was restored after all" });
    let refused = world.post(&ops, "/v1/stores/shop/reopen", &why).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let blank = world.post(&admin, "/v1/stores/shop/reopen", &json!({ "without_re_erasing": " " })).await;
    assert_eq!(blank.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", blank.text);
    let reopened = world.post(&admin, "/v1/stores/shop/reopen", &why).await;
    assert_eq!(reopened.status, StatusCode::NO_CONTENT, "{}", reopened.text);
}

#[tokio::test]
async fn what_cannot_be_done_is_refused() {
    let world = World::new().await;
    let token = world.token(&[Scope::Operate]).await;
    let nowhere = world.post(&token, "/v1/stores/attic/close", &closing()).await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
    assert_eq!(world.post(&token, "/v1/stores/SHOP/close", &closing()).await.status, StatusCode::BAD_REQUEST);
    let wrong = world.post(&token, "/v1/stores/shop/re-erase", &json!({ "restored_to": "yesterday" })).await;
    assert_eq!(wrong.fields(), ["restored_to"]);
    world.post(&token, "/v1/stores/shop/close", &closing()).await;
    let year = json!({ "restored_to": "2205-03-01T02:00:00Z" });
    let late = world.post(&token, "/v1/stores/shop/re-erase", &year).await;
    assert_eq!(
        (late.status, late.fields()),
        (StatusCode::UNPROCESSABLE_ENTITY, vec!["restored_to".to_owned()])
    );
    assert_eq!(world.post(&token, "/v1/stores/shop/close", &json!({})).await.fields(), ["reason"]);
    let others = world.token(&[Scope::Read, Scope::Approve, Scope::Hold]).await;
    assert_eq!(world.post(&others, "/v1/stores/shop/close", &closing()).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_request_says_that_it_waits_for_a_closed_store() {
    let world = World::new().await;
    let token = world.token(&[Scope::Operate, Scope::Read]).await;
    world.post(&token, "/v1/stores/shop/close", &closing()).await;
    let request = world.request(&[Right::Deletion]).await;
    world.prove(request).await;
    let shown = world.get(&token, &format!("/v1/requests/{request}")).await.json();
    let waits = shown["waits_for"].as_array().unwrap();
    assert!(waits.contains(&json!("closed-store")), "{waits:?}");
}
