//! Requests that nobody confirmed: each ends with its letter to everybody who had a part in it, and to nobody else, and
//! nothing personal of the attempt is left when its time is over.

use chrono::TimeDelta;
use habeas_domain::{
    Actor, AgentId, AgentReason, EmailAddress, Letter, Outcome, PaperKind, Personal, RequestId, RequestState,
    Right, WorkKind,
    text::FreeText,
    verification::{Evidence, EvidenceOutcome, Method, VerificationPolicy, VerificationRules},
};
use habeas_ledger::{Attempt, NewChallenge, NewRequest, PaperAsk, PhoneCode, Presented, Proof, Purpose};
use habeas_vault::TokenHash;
use serde_json::json;

use crate::{
    agents::by_agent,
    steps::{challenge, new_request, purge_closed, staff, submission},
    world::World,
};

on_both!(
    a_request_that_was_resumed_and_never_confirmed_ends_with_its_letters,
    the_time_for_which_a_request_was_stopped_is_given_back,
    an_agent_who_never_confirmed_is_told_once_however_many_requests_end,
    a_barred_agent_is_told_nothing,
    an_agent_is_not_told_who_could_show_no_more_than_their_address,
    a_request_whose_time_was_given_back_meanwhile_does_not_lapse,
    nobody_is_asked_by_whoever_looked_before_the_request_moved_on,
    whatever_was_abandoned_closes_with_a_letter_and_leaves_nothing,
);

const HANAKO: &str = "hanako@example.jp";
const TARO: &str = "taro@example.jp";
const PARENT: &str = "ichiro@example.jp";
const ALEX: &str = "alex@agents.example";

/// A challenge that asks the person, as the desk makes it.
pub(crate) fn asking(world: &World) -> NewChallenge {
    let new = challenge(world, Purpose::Identity, "hash");
    let ends = world.clock_now() + TimeDelta::days(1);
    let token = new.link.unwrap().0;
    let letter = Letter::Verify {
        rights: vec![Right::Access],
        link: Personal::new("https://privacy.example.com/verify/x".to_owned()),
        link_expires_at: ends,
        code: Personal::new("00718263".to_owned()),
        code_expires_at: ends,
    };
    NewChallenge { letter, link: Some((token, ends)), ..new }
}

/// The person is written to. Returns their link.
pub(crate) async fn asked(world: &World, request: RequestId) -> TokenHash {
    let claimed = world.claim_one(request, WorkKind::Challenge).await;
    let new = asking(world);
    let link = new.link.as_ref().unwrap().0;
    world.ledger.challenged(vec![(claimed.lease, request, new)]).await.unwrap();
    link
}

/// What waits to be sent about this request: the kind of each letter, and to whom.
pub(crate) async fn told(world: &World, request: RequestId) -> Vec<(String, String)> {
    let claimed = world.claim(request, WorkKind::Mail).await;
    let mails = world.ledger.mails_to_send(&claimed).await.unwrap();
    let sent: Vec<_> = mails.iter().map(|mail| (mail.lease, mail.request, mail.id)).collect();
    let mut told: Vec<_> =
        mails.into_iter().map(|mail| (mail.letter.kind().to_owned(), mail.to.into_inner())).collect();
    world.ledger.mails_sent(&sent).await.unwrap();
    told.sort();
    told
}

fn letters(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(kind, to)| ((*kind).to_owned(), (*to).to_owned())).collect()
}

/// The time for a proof is over.
async fn lapse(world: &World) -> u64 {
    world.clock.advance(TimeDelta::days(15));
    world.ledger.lapse_unverified(100).await.unwrap()
}

async fn stopped_and_taken_again(world: &World, agent: AgentId) {
    world.ledger.bar_agent(agent, AgentReason::ForgedMandate, staff(2)).await.unwrap();
    world.ledger.unbar_agent(agent, AgentReason::Mistake, staff(3)).await.unwrap();
    world.ledger.resume_agent(agent, staff(3)).await.unwrap();
}

async fn a_request_that_was_resumed_and_never_confirmed_ends_with_its_letters(world: World) {
    let written_to = world.accept(by_agent(HANAKO, ALEX, None)).await;
    world.prove_agent(written_to).await;
    asked(&world, written_to).await;
    let never_written_to = world.accept(by_agent(TARO, ALEX, None)).await;
    stopped_and_taken_again(&world, world.only_agent().await).await;
    told(&world, written_to).await;
    assert_eq!(lapse(&world).await, 2);
    let view = world.view(written_to).await;
    assert_eq!((view.state, view.outcome), (RequestState::Closed, Some(Outcome::Unverified)));
    let mut all = told(&world, written_to).await;
    all.extend(told(&world, never_written_to).await);
    all.sort();
    assert_eq!(all, letters(&[("agent-lapsed", ALEX), ("lapsed", HANAKO)]), "and Taro never heard of it");
}

async fn the_time_for_which_a_request_was_stopped_is_given_back(world: World) {
    let request = world.accept(by_agent(HANAKO, ALEX, None)).await;
    world.prove_agent(request).await;
    let agent = world.only_agent().await;
    let before = world.view(request).await.lapse_at;
    world.ledger.bar_agent(agent, AgentReason::ForgedMandate, staff(2)).await.unwrap();
    world.clock.advance(TimeDelta::days(13));
    world.ledger.unbar_agent(agent, AgentReason::Mistake, staff(3)).await.unwrap();
    world.ledger.resume_agent(agent, staff(3)).await.unwrap();
    assert_eq!(world.view(request).await.lapse_at - before, TimeDelta::days(13));
    world.clock.advance(TimeDelta::days(2));
    assert_eq!(world.ledger.lapse_unverified(10).await.unwrap(), 0, "nobody could confirm it meanwhile");
    world.clock.advance(TimeDelta::days(13));
    assert_eq!(world.ledger.lapse_unverified(10).await.unwrap(), 1);
}

async fn an_agent_who_never_confirmed_is_told_once_however_many_requests_end(world: World) {
    let mut all = Vec::new();
    for n in 0..5 {
        all.push(world.accept(by_agent(&format!("p{n}@example.jp"), ALEX, None)).await);
    }
    world.clock.advance(TimeDelta::days(15));
    for _ in 0..3 {
        world.ledger.lapse_unverified(2).await.unwrap();
    }
    let mut letters_of_all = Vec::new();
    for request in &all {
        assert_eq!(world.view(*request).await.state, RequestState::Closed);
        letters_of_all.extend(told(&world, *request).await);
    }
    assert_eq!(letters_of_all, letters(&[("agent-lapsed", ALEX)]), "the address may be somebody else's");
}

async fn a_barred_agent_is_told_nothing(world: World) {
    let request = world.accept(by_agent(HANAKO, ALEX, None)).await;
    world.prove_agent(request).await;
    asked(&world, request).await;
    told(&world, request).await;
    let agent = world.only_agent().await;
    world.ledger.bar_agent(agent, AgentReason::ForgedMandate, staff(2)).await.unwrap();
    assert_eq!(lapse(&world).await, 1);
    assert_eq!(told(&world, request).await, letters(&[("lapsed", HANAKO)]));
}

/// Whoever is not known can show no more; of whoever is, there is no lapse.
async fn an_agent_is_not_told_who_could_show_no_more_than_their_address(world: World) {
    let verification = VerificationRules::default().high;
    let request = world.accept(NewRequest { verification, ..by_agent(HANAKO, ALEX, None) }).await;
    world.prove_agent(request).await;
    let link = asked(&world, request).await;
    let proofs = world.ledger.prove_all(&[Presented::Link(link)]).await.unwrap();
    assert!(matches!(proofs[..], [Proof::Proven(_)]));
    told(&world, request).await;
    assert_eq!(lapse(&world).await, 1);
    assert_eq!(told(&world, request).await, letters(&[("lapsed", HANAKO)]));
}

async fn a_request_whose_time_was_given_back_meanwhile_does_not_lapse(world: World) {
    let request = world.accept(by_agent(HANAKO, ALEX, None)).await;
    world.prove_agent(request).await;
    let agent = world.only_agent().await;
    world.ledger.bar_agent(agent, AgentReason::ForgedMandate, staff(2)).await.unwrap();
    world.clock.advance(TimeDelta::days(15));
    world.ledger.unbar_agent(agent, AgentReason::Mistake, staff(3)).await.unwrap();
    let (resumed, lapsed) =
        tokio::join!(world.ledger.resume_agent(agent, staff(3)), world.ledger.lapse_unverified(10));
    let state = world.view(request).await.state;
    assert_eq!(
        (resumed.unwrap(), lapsed.unwrap()),
        match state {
            RequestState::Closed => (0, 1),
            _ => (1, 0),
        }
    );
}

async fn nobody_is_asked_by_whoever_looked_before_the_request_moved_on(world: World) {
    let request = world.accept(by_agent(HANAKO, ALEX, None)).await;
    let order = async |purpose, by| {
        let new = challenge(&world, purpose, "hash");
        world.ledger.challenge_for(request, new, 99, by).await.unwrap()
    };
    for by in [Actor::Subject, staff(2)] {
        assert!(!order(Purpose::Identity, by).await, "the agent has not shown their address yet");
    }
    world.prove_agent(request).await;
    assert!(order(Purpose::Identity, staff(2)).await);
    assert!(!order(Purpose::Agent, Actor::Subject).await, "the agent has");
    assert_eq!(lapse(&world).await, 1);
    for purpose in [Purpose::Identity, Purpose::Guardian, Purpose::Agent] {
        assert!(!order(purpose, staff(2)).await && !order(purpose, Actor::Subject).await, "{purpose}");
    }
}

/// What a person began and left, with what is to be told at its end.
struct Abandoned {
    request: RequestId,
    told: Vec<(String, String)>,
}

fn demanding(email: &str) -> NewRequest {
    NewRequest { verification: VerificationRules::default().high, ..new_request(email, &[Right::Access]) }
}

/// A request that takes more than the mailed link, which was followed.
async fn mailed(world: &World, email: &str) -> RequestId {
    let request = world.accept(demanding(email)).await;
    let link = asked(world, request).await;
    let proofs = world.ledger.prove_all(&[Presented::Link(link)]).await.unwrap();
    assert!(matches!(proofs[..], [Proof::Proven(_)]));
    request
}

async fn paper_never_given(world: &World) -> RequestId {
    let request = mailed(world, "paper@example.jp").await;
    let new = challenge(world, Purpose::Paper, "");
    let (token, ends) = new.link.unwrap();
    let link = NewChallenge { link: Some((token, ends)), code: None, ..new };
    let reason = FreeText::parse("Two answers of Hanako were wrong.").unwrap();
    let ask = PaperAsk { kind: PaperKind::IdentityDocument, reason, by: staff(2), ends, link };
    world.ledger.ask_paper(request, ask).await.unwrap();
    request
}

async fn call_never_made(world: &World) -> RequestId {
    let request = mailed(world, "call@example.jp").await;
    let called = Evidence {
        method: Method::CallBack,
        outcome: EvidenceOutcome::Passed,
        at: world.clock_now(),
        by: staff(2),
        answers: 0,
        note: FreeText::parse("Hanako called back.").ok(),
    };
    world.ledger.record_contacts_seen(request, staff(2), 1).await.unwrap();
    world.ledger.record_evidence(request, called).await.unwrap();
    request
}

async fn code_never_entered(world: &World) -> RequestId {
    let request = mailed(world, "sms@example.jp").await;
    let ends = world.clock_now() + TimeDelta::minutes(10);
    assert!(
        world
            .ledger
            .phone_code(request, PhoneCode { hash: "h".to_owned(), ends, tries: 5 }, 3)
            .await
            .unwrap()
    );
    world.ledger.attempt(request, Attempt::SmsSent, 3).await.unwrap();
    request
}

async fn dealings_failed(world: &World) -> RequestId {
    let request = mailed(world, "dealings@example.jp").await;
    let ends = world.clock_now() + TimeDelta::days(99);
    let secret = Personal::new("2025-07".to_owned());
    world.ledger.keep_step(request, Method::RecentDealings, &secret, ends).await.unwrap();
    world.ledger.attempt(request, Attempt::RecentDealings, 3).await.unwrap();
    let failed = Evidence {
        method: Method::RecentDealings,
        outcome: EvidenceOutcome::Failed,
        at: world.clock_now(),
        by: Actor::Subject,
        answers: 0,
        note: None,
    };
    world.ledger.record_evidence(request, failed).await.unwrap();
    request
}

async fn other_address_never_shown(world: &World) -> RequestId {
    let request = mailed(world, "other@example.jp").await;
    let address = EmailAddress::parse("on-file@example.jp").unwrap();
    let new = NewChallenge { link: None, ..challenge(world, Purpose::OnFile, "hash") };
    assert!(world.ledger.challenge_on_file(request, &address, new, 3).await.unwrap());
    request
}

async fn about_a_child(world: &World, email: &str) -> RequestId {
    let submission = submission(&json!({
        "subject": { "email": email }, "rights": ["access"],
        "child": { "guardian": { "name": "山田 一郎", "email": PARENT } },
    }));
    let verification = VerificationPolicy::guardian();
    let request =
        world.accept(NewRequest { submission, verification, ..new_request(email, &[Right::Access]) }).await;
    asked(world, request).await;
    request
}

async fn guardian_never_verified(world: &World) -> RequestId {
    let request = about_a_child(world, "child-2@example.jp").await;
    let link = challenge(world, Purpose::Guardian, "");
    let token = link.link.as_ref().unwrap().0;
    world.ledger.challenge_within(request, NewChallenge { code: None, ..link }, 9).await.unwrap();
    world.ledger.prove_all(&[Presented::Link(token)]).await.unwrap();
    request
}

async fn agent_of_nobody_who_answers(world: &World) -> RequestId {
    let request = world.accept(by_agent("silent@example.jp", ALEX, None)).await;
    world.prove_agent(request).await;
    asked(world, request).await;
    request
}

async fn abandoned(world: &World) -> Vec<Abandoned> {
    let alone = |request, to: &str| Abandoned { request, told: letters(&[("lapsed", to)]) };
    let silent = agent_of_nobody_who_answers(world).await;
    let unconfirmed = world.accept(by_agent("unwritten@example.jp", "eve@other.example", None)).await;
    let never = world.accept(new_request("never@example.jp", &[Right::Access])).await;
    vec![
        alone(never, "never@example.jp"),
        alone(paper_never_given(world).await, "paper@example.jp"),
        alone(call_never_made(world).await, "call@example.jp"),
        alone(code_never_entered(world).await, "sms@example.jp"),
        alone(dealings_failed(world).await, "dealings@example.jp"),
        alone(other_address_never_shown(world).await, "other@example.jp"),
        alone(about_a_child(world, "child-1@example.jp").await, "child-1@example.jp"),
        Abandoned {
            request: guardian_never_verified(world).await,
            told: letters(&[("lapsed", "child-2@example.jp"), ("lapsed", PARENT)]),
        },
        Abandoned {
            request: silent,
            told: letters(&[("agent-lapsed", ALEX), ("lapsed", "silent@example.jp")]),
        },
        Abandoned { request: unconfirmed, told: letters(&[("agent-lapsed", "eve@other.example")]) },
    ]
}

async fn whatever_was_abandoned_closes_with_a_letter_and_leaves_nothing(world: World) {
    let all = abandoned(&world).await;
    for one in &all {
        told(&world, one.request).await;
    }
    world.clock.advance(TimeDelta::days(15));
    world.ledger.lapse_papers(10).await.unwrap();
    assert_eq!(world.ledger.lapse_unverified(100).await.unwrap(), all.len() as u64);
    for one in &all {
        let view = world.view(one.request).await;
        assert_eq!((view.state, view.outcome), (RequestState::Closed, Some(Outcome::Unverified)));
        assert_eq!(told(&world, one.request).await, one.told);
        assert!(world.waiting(one.request, WorkKind::Resolve).await.is_empty(), "nothing was looked up");
    }
    assert_eq!(world.number("SELECT COUNT(*) AS n FROM verification_step").await, 0, "at once");
    assert_eq!(world.number("SELECT COUNT(*) AS n FROM paper_content").await, 0, "at once");
    world.clock.advance(TimeDelta::days(60));
    let now = world.clock_now();
    assert_eq!(purge_closed(&world, now).await, all.len() as u64);
    world.ledger.prune(now, 100).await.unwrap();
    for held in [
        "request WHERE personal IS NOT NULL OR wrapped_key IS NOT NULL OR evidence IS NOT NULL \
         OR also_proven IS NOT NULL OR keys IS NOT NULL",
        "mail WHERE recipient IS NOT NULL OR letter IS NOT NULL",
        "challenge",
        "verification_attempt",
        "paper WHERE reason IS NOT NULL OR sha256 IS NOT NULL",
    ] {
        assert_eq!(world.number(&format!("SELECT COUNT(*) AS n FROM {held}")).await, 0, "{held}");
    }
    world.assert_audit_whole().await;
}
