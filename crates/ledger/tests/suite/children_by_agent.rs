//! A request of an agent for somebody who turns out to be a child: the agent's own proof comes first, the guardian's decides, and on
//! nobody else's word does anything go to the agent.

use chrono::TimeDelta;
use habeas_domain::{
    Actor, EmailAddress, PaperKind, PersonName, Personal, RequestId, RequestState, Right, WorkKind,
    paper::PaperDecision,
    submission::{Child, Guardian},
    text::FreeText,
    verification::{Evidence, EvidenceOutcome, Method, Standing, VerificationPolicy},
};
use habeas_ledger::{GuardianStanding, NewChallenge, NewRequest, Presented, Proof, Purpose, WaitsFor};
use habeas_vault::TokenHash;
use serde_json::json;

use crate::{
    agents::by_agent,
    steps::{challenge, new_request, staff, submission},
    world::{World, start},
};

on_both!(
    the_agent_is_asked_first_and_the_guardian_decides,
    a_mandate_is_no_way_around_the_guardian,
    a_child_does_not_say_that_the_agent_gets_the_results,
    what_somebody_said_counts_no_more_once_they_are_found_to_be_a_child,
);

const CHILD: &str = "hanako@example.jp";
const PARENT: &str = "ichiro@example.jp";
const ALEX: &str = "alex@agents.example";

/// An agent asks for somebody whom staff find to be a child. At the door the two do not go together: a submission names
/// an agent or a guardian.
async fn of_a_child(world: &World, verification: VerificationPolicy) -> RequestId {
    let value = json!({
        "subject": { "email": CHILD, "name": "山田 花子" }, "rights": ["access"],
        "agent": { "name": "Alex Agent", "email": ALEX, "mandate": "power-of-attorney" },
    });
    let new = new_request(CHILD, &[Right::Access]);
    let request = world.accept(NewRequest { submission: submission(&value), verification, ..new }).await;
    name_guardian(world, request).await;
    request
}

async fn name_guardian(world: &World, request: RequestId) {
    let guardian = Guardian {
        name: PersonName::parse("山田 一郎").unwrap(),
        email: EmailAddress::parse(PARENT).unwrap(),
    };
    let new = challenge(world, Purpose::Guardian, "");
    let mailed = NewChallenge { code: None, to: Personal::new(PARENT.to_owned()), ..new };
    let policy = VerificationPolicy::guardian();
    world
        .ledger
        .name_guardian(
            request,
            Child { guardian: Some(guardian), age_given: true },
            (&policy, None),
            mailed,
            staff(2),
        )
        .await
        .unwrap();
}

async fn link(world: &World, request: RequestId, purpose: Purpose) -> TokenHash {
    let new = challenge(world, purpose, "hash");
    let token = new.link.as_ref().unwrap().0;
    assert!(world.ledger.challenge_within(request, new, 100).await.unwrap());
    token
}

async fn press(world: &World, presented: Presented) -> bool {
    matches!(world.ledger.prove_all(&[presented]).await.unwrap()[..], [Proof::Proven(_)])
}

/// The stores know this guardian.
async fn on_file(world: &World, request: RequestId) -> Standing {
    let shown = Evidence {
        method: Method::GuardianOnFile,
        outcome: EvidenceOutcome::Passed,
        at: start(),
        by: Actor::System,
        answers: 0,
        note: None,
    };
    world.ledger.record_evidence(request, shown).await.unwrap()
}

async fn state(world: &World, request: RequestId) -> RequestState {
    world.view(request).await.state
}

async fn the_agent_is_asked_first_and_the_guardian_decides(world: World) {
    let request = of_a_child(&world, VerificationPolicy::mail_link()).await;
    let view = world.view(request).await;
    let told: Vec<&str> = view.mails.iter().map(|mail| mail.kind.as_str()).collect();
    assert!(
        view.agent_waits && told.len() == 1,
        "the guardian whom staff named, and not the child: {told:?}"
    );
    assert!(view.waits_for.contains(&WaitsFor::Agent), "{:?}", view.waits_for);
    let guardian = link(&world, request, Purpose::Guardian).await;
    assert!(!press(&world, Presented::Link(guardian)).await, "not before the agent has shown their address");
    world.prove_agent(request).await;
    assert_eq!(state(&world, request).await, RequestState::AwaitingVerification);
    let child = link(&world, request, Purpose::Identity).await;
    assert!(press(&world, Presented::Link(child)).await);
    assert_eq!(state(&world, request).await, RequestState::AwaitingVerification, "the child opens nothing");
    assert!(press(&world, Presented::Link(guardian)).await);
    assert_eq!(world.view(request).await.guardian, Some(GuardianStanding::Confirmed));
    assert_eq!(on_file(&world, request).await, Standing::Proven);
    assert_eq!(world.ledger.open_request(request).await.unwrap().address(), PARENT);
    let token = world.concluded_for_agent(request).await;
    assert_eq!(world.ledger.package_by_token(&token).await.unwrap(), None, "nobody gave it to the agent");
    let claimed = world.claim(request, WorkKind::Mail).await;
    let mails = world.ledger.mails_to_send(&claimed).await.unwrap();
    assert!(mails.iter().all(|mail| mail.to.expose() != ALEX), "no answer goes to the agent");
    world.assert_audit_whole().await;
}

async fn a_mandate_is_no_way_around_the_guardian(world: World) {
    let request = of_a_child(&world, VerificationPolicy::mail_link().with_mandate()).await;
    world.prove_agent(request).await;
    let until = start() + TimeDelta::days(14);
    let document = Personal::new(b"%PDF-1.7\nI, a child, empower Alex.".to_vec());
    let paper =
        world.ledger.add_paper(request, PaperKind::Mandate, &document, staff(2), until).await.unwrap();
    for by in [3, 4] {
        let note = FreeText::parse("It is signed.").unwrap();
        world.ledger.judge_paper(paper.id, PaperDecision::Accepted, note, staff(by)).await.unwrap();
    }
    assert_eq!(state(&world, request).await, RequestState::AwaitingVerification);
    assert!(world.ledger.identity(request).await.unwrap().evidence.is_empty(), "it is evidence of nothing");
    assert!(world.waiting(request, WorkKind::Resolve).await.is_empty());
}

async fn a_child_does_not_say_that_the_agent_gets_the_results(world: World) {
    let request = of_a_child(&world, VerificationPolicy::mail_link()).await;
    world.prove_agent(request).await;
    for purpose in [Purpose::Identity, Purpose::Guardian] {
        let link = link(&world, request, purpose).await;
        assert!(press(&world, Presented::LinkForAgent(link)).await);
    }
    assert_eq!(on_file(&world, request).await, Standing::Proven);
    let view = world.view(request).await;
    assert_eq!((view.state, view.agent_receives_at), (RequestState::Resolving, None));
    assert!(!world.events(request).await.contains(&"agent-may-receive".to_owned()));
    let token = world.concluded_for_agent(request).await;
    assert_eq!(world.ledger.package_by_token(&token).await.unwrap(), None);
}

async fn what_somebody_said_counts_no_more_once_they_are_found_to_be_a_child(world: World) {
    let strict = VerificationPolicy::guardian();
    let adult = NewRequest {
        verification: VerificationPolicy {
            enough: vec![[Method::MailLink, Method::CallBack].into()],
            ..strict
        },
        ..by_agent(CHILD, ALEX, None)
    };
    let request = world.accept(adult).await;
    world.prove_agent(request).await;
    let child = link(&world, request, Purpose::Identity).await;
    assert!(press(&world, Presented::LinkForAgent(child)).await);
    assert!(world.view(request).await.agent_receives_at.is_some());
    name_guardian(&world, request).await;
    let view = world.view(request).await;
    assert_eq!((view.agent_receives_at, view.guardian), (None, Some(GuardianStanding::Named)));
}
