//! Agents: barring them, going on without them, and what they hand in together.

use axum::{body::Body, http::StatusCode};
use habeas_ledger::Scope;
use serde_json::{Value, json};

use crate::world::{World, masked, pretty, unused_id};

fn agent() -> Value {
    json!({ "name": "Alex Agent", "email": "alex@agents.example", "mandate": "signed-permission" })
}

fn line(email: &str) -> Value {
    json!({ "subject": { "email": email }, "rights": ["access"], "regime": "eu_gdpr" })
}

async fn of_agent(world: &World) -> (String, String) {
    let token = world.token(&[Scope::Submit]).await;
    let mut body = line("hanako@example.jp");
    body["agent"] = agent();
    let answer = world.post(&token, "/v1/requests", &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    let request = answer.json()["id"].as_str().unwrap().to_owned();
    let agent = world.ledger.list_agents().await.unwrap().items[0].id.to_string();
    (request, agent)
}

#[tokio::test]
async fn an_agent_is_barred_with_a_reason_and_what_is_open_stops() {
    let world = World::new().await;
    let (request, agent) = of_agent(&world).await;
    let token = world.token(&[Scope::Approve, Scope::Read]).await;
    let bar = format!("/v1/agents/{agent}/bar");
    let without = world.post(&token, &bar, &json!({})).await;
    assert_eq!(
        (without.status, without.fields()),
        (StatusCode::UNPROCESSABLE_ENTITY, vec!["reason".to_owned()])
    );
    let unknown = world.post(&token, &bar, &json!({ "reason": "Alex is rude" })).await;
    assert!(unknown.text.contains("forged-mandate") && !unknown.text.contains("rude"), "{}", unknown.text);
    let body = json!({ "reason": "forged-mandate" });
    assert_eq!(world.post(&token, &bar, &body).await.status, StatusCode::NO_CONTENT);
    masked("agent-barred", &pretty(&world.get(&token, &format!("/v1/agents/{agent}")).await));
    let shown = world.get(&token, &format!("/v1/requests/{request}")).await.json();
    assert_eq!(shown["waits_for"][0], "staff-agent");
    assert!(shown["agent_stopped_at"].is_string());
    let reader = world.token(&[Scope::Read]).await;
    assert_eq!(world.post(&reader, &bar, &body).await.status, StatusCode::FORBIDDEN);
    let drop = format!("/v1/requests/{request}/drop-agent");
    assert_eq!(world.post_text(&reader, &drop, Body::empty()).await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.post_text(&token, &drop, Body::empty()).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.post_text(&token, &drop, Body::empty()).await.status, StatusCode::NOT_FOUND, "once");
    let unbar = format!("/v1/agents/{agent}/unbar");
    let body = json!({ "reason": "cleared" });
    let unbarred = world.post(&token, &unbar, &body).await;
    assert_eq!(unbarred.status, StatusCode::OK, "{}", unbarred.text);
    assert_eq!(unbarred.json(), json!({ "resumed": 0, "stopped": [] }), "staff went on without the agent");
    let ask = format!("/v1/agents/{agent}/ask");
    assert_eq!(world.post_text(&token, &ask, Body::empty()).await.status, StatusCode::NO_CONTENT);
    for path in ["bar", "unbar"] {
        let nobody = format!("/v1/agents/{}/{path}", unused_id());
        assert_eq!(world.post(&token, &nobody, &body).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn what_was_stopped_is_listed_and_goes_on_with_the_agent() {
    let world = World::new().await;
    let (request, agent) = of_agent(&world).await;
    let token = world.token(&[Scope::Approve, Scope::Read]).await;
    let found = async |query: &str| {
        let listed = world.get(&token, &format!("/v1/requests?{query}")).await;
        assert_eq!(listed.status, StatusCode::OK, "{query}: {}", listed.text);
        listed.json()["items"].as_array().unwrap().len()
    };
    let of_one = format!("agent={agent}");
    let of_other = format!("agent={}", unused_id());
    for (query, count) in [
        ("by_agent=true", 1),
        (of_one.as_str(), 1),
        (of_other.as_str(), 0),
        ("agent_stopped=true", 0),
        ("child=true", 0),
        ("paper_to_judge=true", 0),
    ] {
        assert_eq!(found(query).await, count, "{query}");
    }
    for query in ["agent=Alex", "child=perhaps"] {
        let refused = world.get(&token, &format!("/v1/requests?{query}")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
        assert!(!refused.text.contains("Alex"), "{}", refused.text);
    }
    let (bar, unbar) = (format!("/v1/agents/{agent}/bar"), format!("/v1/agents/{agent}/unbar"));
    world.post(&token, &bar, &json!({ "reason": "mistake" })).await;
    assert_eq!(found("agent_stopped=true").await, 1);
    let unbarred = world.post(&token, &unbar, &json!({ "reason": "cleared" })).await;
    assert_eq!(unbarred.json(), json!({ "resumed": 0, "stopped": [request] }));
    let wrong = world.post(&token, &unbar, &json!({ "reason": "cleared", "resume": "yes" })).await;
    assert_eq!((wrong.status, wrong.fields()), (StatusCode::UNPROCESSABLE_ENTITY, vec!["resume".to_owned()]));
    let resumed = world.post(&token, &unbar, &json!({ "reason": "cleared", "resume": true })).await;
    assert_eq!(resumed.json(), json!({ "resumed": 1, "stopped": [] }));
    let shown = world.get(&token, &format!("/v1/requests/{request}")).await.json();
    assert_eq!((&shown["waits_for"][0], &shown["agent_stopped_at"]), (&json!("agent"), &Value::Null));
}

#[tokio::test]
async fn lines_of_a_batch_are_answered_one_by_one() {
    let world = World::new().await;
    let token = world.token(&[Scope::Submit]).await;
    let body = json!({
        "name": "november", "agent": agent(),
        "requests": [line("hanako@example.jp"), line("nobody"), line("taro@example.com")],
    });
    let answer = world.post(&token, "/v1/batches", &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert!(!answer.text.contains("hanako") && !answer.text.contains("nobody"));
    masked("batch-taken", &pretty(&answer));
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    let again = world.post(&token, "/v1/batches", &body).await.json();
    assert_eq!((&again["lines"][0]["repeated"], again["id"].as_str()), (&json!(true), Some(id.as_str())));
    let path = format!("/v1/batches/{id}");
    let shown = world.get(&token, &path).await;
    masked("batch-shown", &pretty(&shown));
    let other = world.token(&[Scope::Submit]).await;
    assert_eq!(world.get(&other, &path).await.status, StatusCode::NOT_FOUND, "another caller's");
    let staff = world.token(&[Scope::Submit, Scope::Read]).await;
    assert_eq!(world.get(&staff, &path).await.status, StatusCode::OK);
    assert_eq!(world.get(&staff, "/v1/batches").await.json().as_array().map(Vec::len), Some(1));
    assert_eq!(world.get(&token, "/v1/batches").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_batch_that_is_wrong_as_a_whole_says_what_is() {
    let world = World::new().await;
    let token = world.token(&[Scope::Submit]).await;
    let many: Vec<Value> = (0..501).map(|n| line(&format!("p{n}@example.jp"))).collect();
    for (body, field) in [
        (json!([]), "body"),
        (json!({ "name": "n", "agent": agent(), "requests": [] }), "requests"),
        (json!({ "name": "n", "agent": agent(), "requests": many }), "requests"),
        (json!({ "agent": agent(), "requests": [line("a@example.jp")] }), "name"),
        (json!({ "name": "n", "agent": agent(), "requests": [line("a@example.jp")], "x": 1 }), "x"),
        (json!({ "name": ["n"], "agent": agent(), "requests": [line("a@example.jp")] }), "name"),
        (json!({ "name": "n\u{0}", "agent": agent(), "requests": [line("a@example.jp")] }), "name"),
        (json!({ "name": "n", "agent": agent(), "requests": "all" }), "requests"),
    ] {
        let refused = world.post(&token, "/v1/batches", &body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(refused.fields().contains(&field.to_owned()), "{}", refused.text);
    }
}
