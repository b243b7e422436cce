//! Documents given as evidence.

use axum::{
    body::Body,
    http::{StatusCode, header},
};
use habeas_domain::{Actor, Right, paper::LARGEST};
use habeas_ledger::Scope;
use serde_json::json;

use crate::world::{Answer, World, call, masked, pretty};

const PDF: &[u8] = b"%PDF-1.7 of a fictional person";

async fn upload(world: &World, token: &str, path: &str, content: Vec<u8>) -> Answer {
    let request = call("POST", token, path).header(header::CONTENT_TYPE, "application/octet-stream");
    world.send(request.body(Body::from(content)).unwrap()).await
}

#[tokio::test]
async fn a_document_is_asked_for_brought_looked_at_and_judged_by_two() {
    let world = World::new().await;
    let id = world.request(&[Right::Access]).await;
    let clerk = world.token(&[Scope::Approve]).await;
    let body = json!({ "kind": "identity-document", "reason": "The number on file is not theirs any more." });
    let asked = world.post(&clerk, &format!("/v1/requests/{id}/ask-paper"), &body).await;
    assert_eq!(asked.status, StatusCode::CREATED, "{}", asked.text);
    masked("paper-asked", &pretty(&asked));
    world.prove(id).await;

    let bringer = world.token(&[Scope::Approve]).await;
    let path = format!("/v1/requests/{id}/papers?kind=identity-document");
    let given = upload(&world, &bringer, &path, PDF.to_vec()).await;
    assert_eq!(given.status, StatusCode::CREATED, "{}", given.text);
    let paper = given.json()["id"].as_str().unwrap().to_owned();

    let (first_id, first) = world.token_of(&[Scope::Approve]).await;
    let content = world.get(&first, &format!("/v1/papers/{paper}/content")).await;
    assert_eq!((content.status, content.text.as_bytes()), (StatusCode::OK, PDF));
    assert_eq!(content.headers[header::CONTENT_TYPE], "application/octet-stream");
    assert!(content.headers[header::CONTENT_DISPOSITION].to_str().unwrap().starts_with("attachment"));
    assert_eq!(*world.log.0.lock().unwrap(), [(id, Actor::Token(first_id), "paper-content")]);

    let judge = format!("/v1/papers/{paper}/judge");
    let accepted = json!({ "decision": "accepted", "note": "As on file." });
    for own in [&clerk, &bringer] {
        let own = world.post(own, &judge, &accepted).await;
        assert_eq!(own.status, StatusCode::CONFLICT, "{}", own.text);
    }
    assert_eq!(world.post(&first, &judge, &accepted).await.json()["state"], "given");
    assert_eq!(world.post(&first, &judge, &accepted).await.status, StatusCode::CONFLICT);
    let second = world.token(&[Scope::Approve]).await;
    assert_eq!(world.post(&second, &judge, &accepted).await.json()["state"], "accepted");
    let gone = world.get(&first, &format!("/v1/papers/{paper}/content")).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    let listed = world.get(&first, &format!("/v1/requests/{id}/papers")).await;
    masked("papers", &pretty(&listed));
    let reader = world.token(&[Scope::Read]).await;
    let shown = world.get(&reader, &format!("/v1/requests/{id}")).await.json();
    assert_eq!(
        (shown["state"].as_str(), shown["papers"][0]["state"].as_str()),
        (Some("resolving"), Some("accepted"))
    );
    assert!(shown["papers"][0].get("reason").is_none(), "what staff wrote is not for readers");
}

#[tokio::test]
async fn of_papers_and_bodies_that_are_none_nothing_is_kept() {
    let world = World::new().await;
    let id = world.request(&[Right::Access]).await;
    let token = world.token(&[Scope::Approve]).await;
    let path = format!("/v1/requests/{id}/papers?kind=mandate");
    for (content, status) in [
        (b"PK\x03\x04 archive".to_vec(), StatusCode::UNPROCESSABLE_ENTITY),
        (Vec::new(), StatusCode::UNPROCESSABLE_ENTITY),
        (vec![b'%'; LARGEST + 1], StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let answer = upload(&world, &token, &path, content).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
    let typed = world.post(&token, &path, &json!({})).await;
    assert_eq!(typed.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let unknown = upload(&world, &token, &format!("/v1/requests/{id}/papers?kind=photo"), PDF.to_vec()).await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    let unasked = format!("/v1/requests/{id}/papers?kind=identity-document");
    let unasked = upload(&world, &token, &unasked, PDF.to_vec()).await;
    assert_eq!(unasked.status, StatusCode::CONFLICT);
    masked("paper-unasked", &pretty(&unasked));
    let reader = world.token(&[Scope::Read, Scope::Submit]).await;
    assert_eq!(upload(&world, &reader, &path, PDF.to_vec()).await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.ledger.papers(id).await.unwrap(), []);
}

#[tokio::test]
async fn the_guardian_of_a_child_is_named_once_and_from_then_on_no_child_opens_it() {
    let world = World::new().await;
    let id = world.request(&[Right::Deletion]).await;
    let token = world.token(&[Scope::Approve, Scope::Read]).await;
    let path = format!("/v1/requests/{id}/guardian");
    let wrong = world.post(&token, &path, &json!({ "name": "", "email": "nowhere" })).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let body = json!({ "name": "山田 一郎", "email": "ichiro@example.jp" });
    assert_eq!(world.post(&token, &path, &body).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.post(&token, &path, &body).await.status, StatusCode::NO_CONTENT, "a new link");
    let other = json!({ "name": "山田 一郎", "email": "other@example.jp" });
    assert_eq!(world.post(&token, &path, &other).await.status, StatusCode::CONFLICT, "never another one");
    world.prove(id).await;
    let shown = world.get(&token, &format!("/v1/requests/{id}")).await.json();
    assert_eq!(
        (shown["state"].as_str(), shown["guardian"].as_str()),
        (Some("awaiting-verification"), Some("named"))
    );
    let identity = world.get(&token, &format!("/v1/requests/{id}/identity")).await.json();
    assert_eq!(identity["standing"], "needs");
}

#[tokio::test]
async fn a_mail_of_a_guardian_names_the_childs_own_address() {
    let world = World::new().await;
    let token = world.token(&[Scope::Approve]).await;
    let path = format!("/v1/mails/{}/accept", crate::world::unused_id());
    let errors = async |body| {
        let answer = world.post(&token, &path, &body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
        answer.json()["errors"][0]["field"].as_str().unwrap().to_owned()
    };
    assert_eq!(errors(json!({ "sender_is": "guardian" })).await, "subject");
    assert_eq!(errors(json!({ "sender_is": "friend", "subject": "hanako@example.jp" })).await, "sender_is");
    assert_eq!(errors(json!({ "guardian_name": "Ichiro Yamada" })).await, "guardian_name");
    let nameless = json!({ "sender_is": "guardian", "subject": "hanako@example.jp", "guardian_name": "\n" });
    assert_eq!(errors(nameless).await, "guardian_name");
}
