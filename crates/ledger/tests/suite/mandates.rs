//! Mandates: where the law lets one stand in for the person, and which ones count at all.

use chrono::TimeDelta;
use habeas_domain::{
    AgentReason, JobState, PaperKind, Personal, RequestId, RequestState, Right,
    paper::{PaperDecision, PaperRefused, UploadRefused},
    text::FreeText,
    verification::{Method, VerificationPolicy},
};
use habeas_ledger::{AcceptRefused, AgentEnded, LedgerError, NewRequest, PaperView, WaitsFor};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    steps::{new_request, staff, submission},
    world::World,
};

on_both!(
    a_mandate_stands_in_for_the_person_where_the_law_says_so,
    what_a_barred_agents_mandate_alone_opened_waits_for_staff_without_the_agent_too,
    elsewhere_a_mandate_proves_nothing_and_the_person_confirms,
    a_mandate_counts_only_after_the_agent_has_shown_their_address,
    a_mandate_that_has_ended_is_refused_and_told,
    a_mandate_signed_over_other_bytes_is_refused_and_told,
    a_mandate_of_somebody_else_is_refused_and_told,
    a_mandate_that_ends_ends_what_the_agent_may_have,
    the_results_go_to_the_agent_if_everybody_who_accepts_the_mandate_says_so,
);

const ALEX: &str = "alex@agents.example";

fn document(marked: &str) -> Personal<Vec<u8>> {
    Personal::new(format!("%PDF-1.7\n{marked}").into_bytes())
}

fn digest_of(marked: &str) -> String {
    hex::encode(Sha256::digest(document(marked).expose()))
}

fn by_agent(subject: &str, more: &[(&str, Value)]) -> NewRequest {
    let mut agent = json!({ "name": "Alex Agent", "email": ALEX, "mandate": "power-of-attorney" });
    for (field, value) in more {
        agent[*field] = value.clone();
    }
    let value = json!({ "subject": { "email": subject }, "rights": ["access"], "agent": agent });
    NewRequest { submission: submission(&value), ..new_request(subject, &[Right::Access]) }
}

/// As the law of California has it for a power of attorney.
fn standing_in(new: NewRequest) -> NewRequest {
    NewRequest { verification: VerificationPolicy::mail_link().with_mandate(), ..new }
}

fn note() -> FreeText {
    FreeText::parse("Signed by the person on file.").unwrap()
}

impl World {
    async fn mandate(&self, request: RequestId, marked: &str) -> Result<PaperView, LedgerError> {
        let until = self.clock_now() + TimeDelta::days(14);
        self.ledger.add_paper(request, PaperKind::Mandate, &document(marked), staff(2), until).await
    }

    async fn accept_mandate(&self, paper: &PaperView, by: u128) -> Result<PaperView, LedgerError> {
        self.ledger.judge_paper(paper.id, PaperDecision::Accepted, note(), staff(by)).await
    }

    /// Staff see it on the request, and in the agent's record and chain.
    async fn assert_told(&self, request: RequestId, why: &str) {
        assert!(self.view(request).await.review_reason.unwrap().contains("mandate"));
        assert!(self.events(request).await.contains(&"mandate-refused".to_owned()));
        let agent = self.view(request).await.agent.unwrap();
        assert_eq!(self.ledger.agent(agent).await.unwrap().mandates_refused, 1);
        let trail = self.ledger.agent_trail(agent).await.unwrap();
        assert!(trail.iter().any(|entry| entry.event == "mandate-refused" && entry.detail.contains(why)));
        self.assert_audit_whole().await;
    }
}

fn why(refused: Result<PaperView, LedgerError>) -> UploadRefused {
    match refused {
        Err(LedgerError::Paper(PaperRefused::Upload(why))) => why,
        other => panic!("{other:?}"),
    }
}

async fn a_mandate_stands_in_for_the_person_where_the_law_says_so(world: World) {
    let request = world.accept(standing_in(by_agent("hanako@example.jp", &[]))).await;
    world.prove_agent(request).await;
    let paper = world.mandate(request, "I empower Alex.").await.unwrap();
    world.accept_mandate(&paper, 3).await.unwrap();
    assert_eq!(world.view(request).await.state, RequestState::AwaitingVerification, "one is not enough");
    assert!(world.accept_mandate(&paper, 3).await.is_err(), "nor the same one twice");
    world.accept_mandate(&paper, 4).await.unwrap();
    assert_eq!(world.view(request).await.state, RequestState::Resolving);
    let shown = world.ledger.identity(request).await.unwrap().evidence;
    assert!(shown.iter().all(|one| one.method == Method::Mandate) && shown.len() == 2);
    // Whoever holds the address on file can still stop it, and staff look into it.
    world.resolve(request, &["shop"]).await;
    let token = world.ledger.agent_end_token(request).hash();
    let link = world.ledger.challenge_by_token(&token).await.unwrap().unwrap();
    assert_eq!(world.ledger.end_agent(link.id).await.unwrap(), AgentEnded::Stopped(request));
    let view = world.view(request).await;
    assert_eq!(view.jobs[0].state, JobState::Disputed);
    assert!(view.disputed_at.is_some() && view.waits_for.contains(&WaitsFor::StaffDispute));
}

/// Without the agent nobody's word is left: the person has never said that it is theirs.
async fn what_a_barred_agents_mandate_alone_opened_waits_for_staff_without_the_agent_too(world: World) {
    let request = world.accept(standing_in(by_agent("hanako@example.jp", &[]))).await;
    world.prove_agent(request).await;
    let paper = world.mandate(request, "I empower Alex.").await.unwrap();
    for by in [3, 4] {
        world.accept_mandate(&paper, by).await.unwrap();
    }
    world.resolve(request, &["shop"]).await;
    let agent = world.view(request).await.agent.unwrap();
    world.ledger.bar_agent(agent, AgentReason::ForgedMandate, staff(2)).await.unwrap();
    world.ledger.drop_agent(request, staff(2)).await.unwrap();
    let view = world.view(request).await;
    assert_eq!(view.jobs[0].state, JobState::Disputed);
    assert!(view.disputed_at.is_some() && view.waits_for.contains(&WaitsFor::StaffDispute));
    world.assert_audit_whole().await;
}

async fn elsewhere_a_mandate_proves_nothing_and_the_person_confirms(world: World) {
    let request = world.accept(by_agent("hanako@example.jp", &[])).await;
    world.prove_agent(request).await;
    let paper = world.mandate(request, "I empower Alex.").await.unwrap();
    for by in [3, 4] {
        world.accept_mandate(&paper, by).await.unwrap();
    }
    assert_eq!(world.view(request).await.state, RequestState::AwaitingVerification);
    assert!(world.ledger.identity(request).await.unwrap().evidence.is_empty());
    world.prove(request).await;
    assert_eq!(world.view(request).await.state, RequestState::Resolving);
}

async fn a_mandate_counts_only_after_the_agent_has_shown_their_address(world: World) {
    let request = world.accept(standing_in(by_agent("hanako@example.jp", &[]))).await;
    let paper = world.mandate(request, "I empower Alex.").await.unwrap();
    for by in [3, 4] {
        world.accept_mandate(&paper, by).await.unwrap();
    }
    assert_eq!(world.view(request).await.state, RequestState::AwaitingVerification);
    assert!(world.ledger.identity(request).await.unwrap().evidence.is_empty(), "whatever is on the paper");
}

async fn a_mandate_that_has_ended_is_refused_and_told(world: World) {
    let until = json!("2025-03-02");
    let late = world.ledger.accept(vec![by_agent("hanako@example.jp", &[("valid_until", until)])]).await;
    assert_eq!(late.unwrap(), [Err(AcceptRefused::MandateEnded)]);
    let record = &world.ledger.list_agents().await.unwrap().items[0];
    assert_eq!((record.requests, record.mandates_refused), (0, 1), "and staff see it");
    let until = json!("2025-03-04");
    let request = world.accept(standing_in(by_agent("taro@example.jp", &[("valid_until", until)]))).await;
    world.prove_agent(request).await;
    let paper = world.mandate(request, "Until the fourth.").await.unwrap();
    world.accept_mandate(&paper, 3).await.unwrap();
    world.clock.advance(TimeDelta::days(2));
    assert_eq!(why(world.accept_mandate(&paper, 4).await), UploadRefused::Ended, "it ended in between");
    world.ledger.judge_paper(paper.id, PaperDecision::Refused, note(), staff(4)).await.unwrap();
    assert_eq!(why(world.mandate(request, "Until the fourth, again.").await), UploadRefused::Ended);
    assert!(world.view(request).await.review_reason.is_some());
}

async fn a_mandate_signed_over_other_bytes_is_refused_and_told(world: World) {
    let named = json!(digest_of("I empower Alex."));
    let request = world.accept(standing_in(by_agent("hanako@example.jp", &[("sha256", named)]))).await;
    world.prove_agent(request).await;
    assert_eq!(why(world.mandate(request, "I empower Alex!").await), UploadRefused::OtherDocument);
    world.assert_told(request, "other-document").await;
    world.mandate(request, "I empower Alex.").await.unwrap();
}

async fn a_mandate_of_somebody_else_is_refused_and_told(world: World) {
    let named = || json!(digest_of("I, Hanako, empower Alex."));
    let first = world.accept(by_agent("hanako@example.jp", &[("sha256", named())])).await;
    world.prove_agent(first).await;
    world.accept(by_agent("hanako@example.jp", &[("sha256", named())])).await;
    let replayed = by_agent("taro@example.jp", &[("sha256", named()), ("email", json!("eve@other.example"))]);
    let replayed = world.ledger.accept(vec![replayed]).await.unwrap();
    assert_eq!(replayed, [Err(AcceptRefused::MandateReused)], "whichever agent brings it");
    world.mandate(first, "I, Hanako, empower Alex.").await.unwrap();
    let other = world.accept(by_agent("jiro@example.jp", &[])).await;
    let brought = world.mandate(other, "I, Hanako, empower Alex.").await;
    assert_eq!(why(brought), UploadRefused::ForSomebodyElse);
    world.assert_told(other, "for-somebody-else").await;
    let unnamed = world.accept(by_agent("jiro@example.jp", &[("reference", json!("P-1"))])).await;
    world.mandate(unnamed, "I, Jiro, empower Alex.").await.unwrap();
    let named = by_agent("saburo@example.jp", &[("sha256", json!(digest_of("I, Jiro, empower Alex.")))]);
    assert_eq!(world.ledger.accept(vec![named]).await.unwrap(), [Err(AcceptRefused::MandateReused)]);
}

async fn a_mandate_that_ends_ends_what_the_agent_may_have(world: World) {
    let until = json!("2025-03-04");
    let request = world.accept(standing_in(by_agent("hanako@example.jp", &[("valid_until", until)]))).await;
    world.prove_agent(request).await;
    let paper = world.mandate(request, "Send it to Alex.").await.unwrap();
    for by in [3, 4] {
        let ledger = &world.ledger;
        ledger
            .judge_mandate_that_lets_receive(paper.id, PaperDecision::Accepted, note(), staff(by))
            .await
            .unwrap();
    }
    let token = world.concluded_for_agent(request).await;
    assert!(world.ledger.package_by_token(&token).await.unwrap().is_some_and(|package| package.for_agent));
    world.clock.advance(TimeDelta::days(2));
    assert_eq!(world.ledger.package_by_token(&token).await.unwrap(), None);
}

async fn the_results_go_to_the_agent_if_everybody_who_accepts_the_mandate_says_so(world: World) {
    for (said, receives) in [(vec![3, 4], true), (vec![3], false), (vec![], false)] {
        let person = format!("p{}@example.jp", said.len());
        let request = world.accept(standing_in(by_agent(&person, &[]))).await;
        if world.view(request).await.agent_waits {
            world.prove_agent(request).await;
        }
        let paper = world.mandate(request, &person).await.unwrap();
        for by in [3, 4] {
            let ledger = &world.ledger;
            let accepted = PaperDecision::Accepted;
            if said.contains(&by) {
                ledger.judge_mandate_that_lets_receive(paper.id, accepted, note(), staff(by)).await.unwrap();
            } else {
                ledger.judge_paper(paper.id, accepted, note(), staff(by)).await.unwrap();
            }
        }
        assert_eq!(world.view(request).await.agent_receives_at.is_some(), receives, "{said:?}");
        assert_eq!(world.view(request).await.state, RequestState::Resolving);
    }
}
