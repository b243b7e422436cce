//! Work, dead letters, audit trails, laws.

use axum::http::StatusCode;
use habeas_api::{MailAgainRefused, MailedAgain};
use habeas_domain::{Fault, Right, WorkKind};
use habeas_ledger::{Failed, Next, Scope};
use serde_json::json;

use crate::world::{World, masked, pretty, unused_id};

async fn parked(world: &World) -> String {
    let id = world.request(&[Right::Access]).await;
    let claimed = world.claim(id, WorkKind::Challenge).await;
    let fault = Fault::permanent("mail-refused", "the mail server refused it");
    let failed = Failed { lease: claimed.lease, request: id, fault, next: Next::Park };
    world.ledger.failed(vec![failed]).await.unwrap();
    claimed.lease.work.to_string()
}

#[tokio::test]
async fn parked_work_is_counted_listed_and_put_back() {
    let world = World::new().await;
    let token = world.token(&[Scope::Operate]).await;
    let work = parked(&world).await;
    masked("parked", &pretty(&world.get(&token, "/v1/work/parked").await));
    let listed = world.get(&token, "/v1/work?state=parked&fault=mail-refused&kind=challenge").await;
    masked("work", &pretty(&listed));

    let put_back = world.post(&token, "/v1/work/requeue", &json!({ "ids": [work] })).await;
    assert_eq!(put_back.json(), json!({ "requeued": 1 }), "{}", put_back.text);
    let by_fault = world.post(&token, "/v1/work/requeue", &json!({ "fault": "mail-refused" })).await;
    assert_eq!(by_fault.json(), json!({ "requeued": 0 }));
}

#[tokio::test]
async fn dead_letters_are_listed_and_revived() {
    let world = World::new().await;
    let token = world.token(&[Scope::Operate]).await;
    let letters = world.get(&token, "/v1/dead-letters?queue=habeas.intake").await;
    masked("dead-letters", &pretty(&letters));
    let path = "/v1/dead-letters/revive";
    let revived = world.post(&token, path, &json!({ "queue": "habeas.intake", "limit": 10 })).await;
    assert_eq!(revived.json(), json!({ "revived": 1 }));
    let away = world.post(&token, path, &json!({ "queue": "habeas.mail" })).await;
    assert_eq!((away.status, away.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "5"));
}

#[tokio::test]
async fn a_trail_says_whether_it_is_intact() {
    let world = World::new().await;
    let id = world.request(&[Right::Access]).await;
    let token = world.token(&[Scope::Read]).await;
    let trail = world.get(&token, &format!("/v1/audit/{id}")).await;
    assert!(!trail.text.contains("hanako"));
    masked("audit", &pretty(&trail));
    assert_eq!(world.get(&token, &format!("/v1/audit/{}", unused_id())).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn laws_are_shown_with_article_and_confidence() {
    let world = World::new().await;
    let token = world.token(&[Scope::Read]).await;
    let laws = world.get(&token, "/v1/regimes").await.json();
    let ids: Vec<&str> = laws.as_array().unwrap().iter().map(|law| law["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["eu_gdpr", "jp_appi", "uk_gdpr", "us_ca"], "none that no request can be under");
    let access = &laws[0]["rights"]["access"];
    assert!(access["article"].is_string() && access["confidence"].is_string());
    for law in laws.as_array().unwrap() {
        let child = &law["child"];
        assert!(child["age"]["article"].is_string() && child["within"]["value"].is_string(), "{child}");
        let enough = child["verification"]["enough"].as_array().unwrap();
        assert!(
            enough.iter().all(|set| set.as_array().unwrap().contains(&"guardian-link".into())),
            "{child}"
        );
        assert!(law["agents"]["without_confirmation"].is_object(), "{}", law["agents"]);
    }
    let mandate = &laws[3]["agents"]["without_confirmation"]["power-of-attorney"];
    assert_eq!(mandate["confidence"], "stated", "{mandate}");
}

#[tokio::test]
async fn a_link_is_mailed_again_by_those_who_may_and_the_answer_says_which() {
    let world = World::new().await;
    let id = world.request(&[Right::Access]).await;
    let path = format!("/v1/requests/{id}/mail-again");
    let reader = world.token(&[Scope::Read, Scope::Submit]).await;
    assert_eq!(world.post(&reader, &path, &json!({})).await.status, StatusCode::FORBIDDEN);
    let clerk = world.token(&[Scope::Approve]).await;
    *world.postman.0.lock().unwrap() =
        Some(Ok(vec![MailedAgain::Verification, MailedAgain::Package(Right::Access)]));
    let mailed = world.post(&clerk, &path, &json!({})).await;
    let links =
        json!([{ "leads_to": "verification", "right": null }, { "leads_to": "package", "right": "access" }]);
    assert_eq!(mailed.json(), links, "{}", mailed.text);
    let refusals = [
        MailAgainRefused::Nothing,
        MailAgainRefused::TooMany,
        MailAgainRefused::Disputed,
        MailAgainRefused::WaitsForAgent,
    ];
    for refused in refusals {
        let told = refused.to_string();
        *world.postman.0.lock().unwrap() = Some(Err(refused));
        let answer = world.post(&clerk, &path, &json!({})).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text);
        assert_eq!(answer.json()["detail"], told);
    }
    *world.postman.0.lock().unwrap() = Some(Err(MailAgainRefused::Failed(Fault::temporary("a", "b"))));
    assert_eq!(world.post(&clerk, &path, &json!({})).await.status, StatusCode::SERVICE_UNAVAILABLE);
}
