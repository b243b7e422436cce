//! Requests that somebody makes for somebody else.

use habeas_domain::{RequestId, Right, WorkKind};
use habeas_ledger::{AcceptRefused, NewRequest};
use serde_json::json;

use crate::{
    steps::{new_request, submission},
    world::World,
};

on_both!(
    an_agent_is_known_by_their_address_alone,
    a_mandate_for_another_person_is_noticed,
    nothing_is_taken_from_a_barred_agent,
    every_mail_goes_to_the_person,
);

fn by_agent(subject: &str, agent: &str, reference: Option<&str>) -> NewRequest {
    let submission = submission(&json!({
        "subject": { "email": subject }, "rights": ["access"],
        "agent": { "name": "Alex Agent", "email": agent, "mandate": "signed-permission", "reference": reference },
    }));
    NewRequest { submission, ..new_request(subject, &[Right::Access]) }
}

async fn an_agent_is_known_by_their_address_alone(world: World) {
    let one = world.accept(by_agent("hanako@example.jp", "alex@agents.example", None)).await;
    let two = world.accept(by_agent("taro@example.jp", "Alex@Agents.example", None)).await;
    let own = world.accepted(&[Right::Access]).await;
    let agents = world.ledger.list_agents().await.unwrap();
    assert_eq!(agents.iter().map(|agent| agent.requests).collect::<Vec<_>>(), [2]);
    for request in [one, two] {
        let view = world.view(request).await;
        assert_eq!((view.agent, view.mandate_reused), (Some(agents[0].id), false));
    }
    assert_eq!(world.view(own).await.agent, None);
    let rows = world.number("SELECT COUNT(*) AS n FROM agent").await;
    assert_eq!(rows, 1);
}

async fn a_mandate_for_another_person_is_noticed(world: World) {
    let agent = "alex@agents.example";
    let reused = async |request: RequestId| world.view(request).await.mandate_reused;
    let first = world.accept(by_agent("hanako@example.jp", agent, Some("P-1"))).await;
    let again = world.accept(by_agent("hanako@example.jp", agent, Some("P-1"))).await;
    let other = world.accept(by_agent("taro@example.jp", agent, Some("P-1"))).await;
    let own = world.accept(by_agent("taro@example.jp", agent, Some("P-2"))).await;
    assert_eq!([reused(first).await, reused(again).await], [false; 2], "the same person");
    assert!(reused(other).await);
    assert!(!reused(own).await);
    let batch = vec![
        by_agent("jiro@example.jp", agent, Some("P-3")),
        by_agent("saburo@example.jp", agent, Some("P-3")),
    ];
    let mut marks = Vec::new();
    for accepted in world.ledger.accept(batch).await.unwrap() {
        marks.push(reused(accepted.unwrap().id).await);
    }
    assert_eq!(marks, [false, true], "within one batch, too");
}

async fn nothing_is_taken_from_a_barred_agent(world: World) {
    let agent = "alex@agents.example";
    world.accept(by_agent("hanako@example.jp", agent, None)).await;
    let id = world.ledger.list_agents().await.unwrap()[0].id;
    assert!(world.ledger.bar_agent(id, true).await.unwrap());
    assert!(!world.ledger.bar_agent(id, true).await.unwrap(), "already");
    let batch = vec![
        by_agent("taro@example.jp", agent, None),
        by_agent("taro@example.jp", "other@agents.example", None),
        new_request("taro@example.jp", &[Right::Access]),
    ];
    let results = world.ledger.accept(batch).await.unwrap();
    assert_eq!(results[0], Err(AcceptRefused::AgentBarred));
    assert!(results[1].is_ok() && results[2].is_ok(), "others are taken");
    assert!(world.ledger.bar_agent(id, false).await.unwrap());
    world.accept(by_agent("taro@example.jp", agent, None)).await;
    let nobody = world.ledger.ids().fresh::<habeas_domain::AgentId>();
    assert!(world.ledger.bar_agent(nobody, true).await.is_err());
}

async fn every_mail_goes_to_the_person(world: World) {
    let request = world.accept(by_agent("hanako@example.jp", "alex@agents.example", None)).await;
    world.prove(request).await;
    world.resolve(request, &["shop"]).await;
    world.ledger.withdraw(request, habeas_domain::Actor::Subject).await.unwrap();
    let claimed = world.claim(request, WorkKind::Mail).await;
    let mails = world.ledger.mails_to_send(&claimed).await.unwrap();
    assert!(mails.len() >= 3);
    assert!(mails.iter().all(|mail| mail.to.expose() == "hanako@example.jp"));
}
