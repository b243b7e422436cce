//! Papers: who may ask for one, hand one in and judge one, and what it opens.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use habeas_domain::{
    Actor, PaperId, PaperKind, PaperState, Personal, Regimes, RequestId, RequestState, Right,
    paper::{PaperDecision, PaperRefused, UploadRefused},
    text::FreeText,
    verification::{
        EvidenceOutcome, EvidenceRefused, Method, NeverAsk, VerificationPolicy, VerificationRules,
    },
};
use habeas_ledger::{LedgerError, NewChallenge, NewRequest, PaperAsk, PaperView, Purpose, WaitsFor};
use habeas_vault::TokenHash;
use serde_json::json;

use crate::{
    steps::{challenge, new_request, staff, submission},
    world::{World, start},
};

on_both!(
    a_document_that_was_asked_for_and_accepted_by_two_opens_the_gate,
    a_refused_document_opens_nothing_and_may_be_asked_for_again,
    nobody_judges_what_they_had_a_hand_in,
    a_document_is_asked_for_only_where_the_policy_permits_it,
    what_is_never_asked_for_is_not_forgotten_where_the_mailed_link_is_enough,
    a_link_takes_one_paper_once_and_only_while_it_is_wanted,
    of_files_only_papers_are_taken,
    asking_again_ends_the_link_before,
    a_mandate_may_be_brought_unasked_and_a_reused_one_is_noticed,
    the_gate_opens_once_however_many_judge_at_once,
);

/// Long enough that it would show up in the database's file, and a PDF by its first bytes.
fn document(marked: &str) -> Personal<Vec<u8>> {
    let mut content = b"%PDF-1.7\n".to_vec();
    while content.len() < 40_000 {
        content.extend_from_slice(marked.as_bytes());
    }
    Personal::new(content)
}

fn text(text: &str) -> FreeText {
    FreeText::parse(text).unwrap()
}

pub(crate) struct Asked {
    paper: PaperView,
    link: TokenHash,
}

async fn try_ask(
    world: &World,
    request: RequestId,
    kind: PaperKind,
    by: Actor,
) -> Result<Asked, LedgerError> {
    // Ids of one moment have no order.
    world.clock.advance(TimeDelta::seconds(1));
    let ends = world.clock_now() + TimeDelta::days(7);
    let new = challenge(world, Purpose::Paper, "");
    let link = new.link.unwrap().0;
    let link_of = NewChallenge { link: Some((link, ends)), code: None, ..new };
    let reason = text("Two answers of Hanako were wrong.");
    let ask = PaperAsk { kind, reason, by, ends, link: link_of };
    world.ledger.ask_paper(request, ask).await.map(|paper| Asked { paper, link })
}

pub(crate) async fn ask(world: &World, request: RequestId) -> Asked {
    try_ask(world, request, PaperKind::IdentityDocument, staff(2)).await.unwrap()
}

pub(crate) async fn give(world: &World, asked: &Asked) -> Option<PaperView> {
    let until = world.clock_now() + TimeDelta::days(14);
    world.ledger.hand_in_paper(&asked.link, &document("Hanako's licence "), until).await.unwrap()
}

pub(crate) async fn judge(
    world: &World,
    paper: PaperId,
    decision: PaperDecision,
    by: Actor,
) -> Result<PaperView, LedgerError> {
    world.clock.advance(TimeDelta::seconds(1));
    world.ledger.judge_paper(paper, decision, text("As on file."), by).await
}

pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, LedgerError>) -> PaperRefused {
    match result {
        Err(LedgerError::Paper(refused)) => refused,
        other => panic!("it was not refused: {other:?}"),
    }
}

fn demanding(email: &str) -> NewRequest {
    NewRequest { verification: VerificationRules::default().high, ..new_request(email, &[Right::Access]) }
}

/// A request whose address is proven, and that takes more.
pub(crate) async fn mailed(world: &World) -> RequestId {
    let request = world.accept(demanding("hanako@example.jp")).await;
    press(world, request).await;
    request
}

async fn press(world: &World, request: RequestId) {
    let new = challenge(world, Purpose::Identity, "hash");
    let token = new.link.unwrap().0;
    world.ledger.challenge_within(request, new, u64::MAX).await.unwrap();
    let id = world.ledger.challenge_by_token(&token).await.unwrap().unwrap().id;
    assert!(world.ledger.prove(id).await.unwrap());
}

pub(crate) async fn contents(world: &World) -> i64 {
    world.number("SELECT COUNT(*) AS n FROM paper_content").await
}

pub(crate) async fn state(world: &World, request: RequestId) -> RequestState {
    world.view(request).await.state
}

async fn a_document_that_was_asked_for_and_accepted_by_two_opens_the_gate(world: World) {
    let request = mailed(&world).await;
    let asked = ask(&world, request).await;
    assert_eq!((asked.paper.state, asked.paper.asked_by), (PaperState::Asked, Some(staff(2))));
    let given = give(&world, &asked).await.unwrap();
    assert_eq!((given.state, given.given_by), (PaperState::Given, Some(Actor::Subject)));
    assert_eq!((given.media_type.as_deref(), given.reused), (Some("application/pdf"), false));
    assert!(world.view(request).await.waits_for.contains(&WaitsFor::StaffPaper));
    let content = world.ledger.paper_content(given.id).await.unwrap();
    assert_eq!(content, document("Hanako's licence "));
    let first = judge(&world, given.id, PaperDecision::Accepted, staff(3)).await.unwrap();
    assert_eq!(
        (first.state, state(&world, request).await),
        (PaperState::Given, RequestState::AwaitingVerification)
    );
    assert_eq!(contents(&world).await, 1);
    let second = judge(&world, given.id, PaperDecision::Accepted, staff(4)).await.unwrap();
    assert_eq!((second.state, second.judgements.len()), (PaperState::Accepted, 2));
    assert!(second.destroyed_at.is_some() && second.sha256.is_some());
    assert_eq!((contents(&world).await, state(&world, request).await), (0, RequestState::Resolving));
    assert!(world.ledger.paper_content(given.id).await.is_err());
    let identity = world.ledger.identity(request).await.unwrap();
    let documents = identity.evidence.iter().filter(|one| one.method == Method::Document);
    assert_eq!(documents.filter(|one| one.outcome == EvidenceOutcome::Passed).count(), 2);
    let events = world.events(request).await;
    for event in ["paper-asked", "paper-given", "paper-judged", "paper-decided", "identity-proven"] {
        assert!(events.contains(&event.to_owned()), "{event}: {events:?}");
    }
    world.assert_audit_whole().await;
}

async fn a_refused_document_opens_nothing_and_may_be_asked_for_again(world: World) {
    let request = mailed(&world).await;
    let paper = give(&world, &ask(&world, request).await).await.unwrap().id;
    judge(&world, paper, PaperDecision::Accepted, staff(3)).await.unwrap();
    let refused_one = judge(&world, paper, PaperDecision::Refused, staff(4)).await.unwrap();
    assert_eq!((refused_one.state, contents(&world).await), (PaperState::Refused, 0));
    assert_eq!(
        refused(judge(&world, paper, PaperDecision::Accepted, staff(5)).await),
        PaperRefused::NotGiven
    );
    assert_eq!(state(&world, request).await, RequestState::AwaitingVerification);
    let again = give(&world, &ask(&world, request).await).await.unwrap();
    judge(&world, again.id, PaperDecision::Accepted, staff(3)).await.unwrap();
    assert_eq!(state(&world, request).await, RequestState::AwaitingVerification, "counted from anew");
    judge(&world, again.id, PaperDecision::Accepted, staff(4)).await.unwrap();
    assert_eq!(state(&world, request).await, RequestState::Resolving);
}

async fn nobody_judges_what_they_had_a_hand_in(world: World) {
    let request = mailed(&world).await;
    ask(&world, request).await;
    let until = start() + TimeDelta::days(14);
    let kind = PaperKind::IdentityDocument;
    let given = world.ledger.add_paper(request, kind, &document("by post "), staff(3), until).await.unwrap();
    let accept = async |by| judge(&world, given.id, PaperDecision::Accepted, by).await;
    assert_eq!(refused(accept(staff(1)).await), PaperRefused::OwnRequest);
    assert_eq!(refused(accept(staff(2)).await), PaperRefused::OwnAsk);
    assert_eq!(refused(accept(staff(3)).await), PaperRefused::OwnUpload);
    for by in [Actor::Subject, Actor::System, Actor::Agent, Actor::Guardian] {
        assert_eq!(refused(accept(by).await), PaperRefused::NotStaff);
    }
    accept(staff(4)).await.unwrap();
    assert_eq!(refused(accept(staff(4)).await), PaperRefused::SamePersonTwice);
    assert_eq!(state(&world, request).await, RequestState::AwaitingVerification);
    let shown = habeas_domain::verification::Evidence {
        method: Method::Document,
        outcome: EvidenceOutcome::Passed,
        at: start(),
        by: staff(5),
        answers: 0,
        note: None,
    };
    let recorded = world.ledger.record_evidence(request, shown).await;
    assert!(matches!(recorded, Err(LedgerError::Evidence(EvidenceRefused::ThroughPaper))), "{recorded:?}");
}

async fn a_document_is_asked_for_only_where_the_policy_permits_it(world: World) {
    let never = NeverAsk { documents: true, ..NeverAsk::default() };
    let policy = VerificationPolicy { never_ask: never, ..VerificationRules::default().high };
    let forbidden = world.accept(NewRequest { verification: policy, ..demanding("taro@example.jp") }).await;
    let tried = try_ask(&world, forbidden, PaperKind::IdentityDocument, staff(2)).await;
    assert_eq!(refused(tried.map(|_| ())), PaperRefused::Forbidden);
    let plain = world.accept(new_request("jiro@example.jp", &[Right::Access])).await;
    let until = start() + TimeDelta::days(14);
    let unasked = world
        .ledger
        .add_paper(plain, PaperKind::IdentityDocument, &document("unasked "), staff(3), until)
        .await;
    assert_eq!(refused(unasked), PaperRefused::AskFirst);
    ask(&world, plain).await;
    press(&world, plain).await;
    assert_eq!(
        state(&world, plain).await,
        RequestState::AwaitingVerification,
        "the link alone is not enough now"
    );
    let early = mailed(&world).await;
    let unproven = world.accept(demanding("saburo@example.jp")).await;
    let given = give(&world, &ask(&world, unproven).await).await.unwrap();
    let judged = judge(&world, given.id, PaperDecision::Accepted, staff(3)).await;
    assert!(matches!(judged, Err(LedgerError::Evidence(EvidenceRefused::MailFirst))), "{judged:?}");
    world.ledger.withdraw(early, Actor::Subject).await.unwrap();
    let closed = try_ask(&world, early, PaperKind::IdentityDocument, staff(2)).await;
    assert_eq!(refused(closed.map(|_| ())), PaperRefused::NotAwaited);
}

/// California forbids papers also where the mailed link is enough.
async fn what_is_never_asked_for_is_not_forgotten_where_the_mailed_link_is_enough(world: World) {
    let california = Regimes::builtin().unwrap().get(&"us_ca".parse().unwrap()).unwrap().clone();
    let policy = california.verification.of_all(&[Right::Deletion], &BTreeMap::new());
    assert!(policy.is_mail_link_alone() && policy.never_ask.documents);
    let new = new_request("hanako@example.jp", &[Right::Deletion]);
    let request = world.accept(NewRequest { verification: policy.clone(), ..new }).await;
    assert_eq!(world.ledger.identity(request).await.unwrap().policy, policy, "all that the law says of it");
    let tried = try_ask(&world, request, PaperKind::IdentityDocument, staff(2)).await;
    assert_eq!(refused(tried.map(|_| ())), PaperRefused::Forbidden);
    press(&world, request).await;
    assert_eq!(state(&world, request).await, RequestState::Resolving);
}

async fn a_link_takes_one_paper_once_and_only_while_it_is_wanted(world: World) {
    let request = mailed(&world).await;
    let asked = ask(&world, request).await;
    assert_eq!(world.ledger.wanted_paper(&asked.link).await.unwrap().unwrap().id, asked.paper.id);
    let until = start() + TimeDelta::days(14);
    let parallel = (0..6).map(|_| {
        let (ledger, link) = (world.ledger.clone(), asked.link);
        tokio::spawn(async move { ledger.hand_in_paper(&link, &document("x "), until).await.unwrap() })
    });
    let mut taken = 0;
    for one in parallel.collect::<Vec<_>>() {
        taken += usize::from(one.await.unwrap().is_some());
    }
    assert_eq!((taken, contents(&world).await), (1, 1));
    assert_eq!(world.ledger.wanted_paper(&asked.link).await.unwrap(), None);
    let unknown = world.ledger.vault().new_token().hash();
    assert!(world.ledger.hand_in_paper(&unknown, &document("x "), until).await.unwrap().is_none());
    let late = ask(&world, mailed(&world).await).await;
    world.clock.advance(TimeDelta::days(8));
    assert!(give(&world, &late).await.is_none(), "the link has ended");
    let identity = challenge(&world, Purpose::Identity, "hash");
    let link = identity.link.unwrap().0;
    world.ledger.challenge_within(request, identity, u64::MAX).await.unwrap();
    assert!(world.ledger.hand_in_paper(&link, &document("x "), until).await.unwrap().is_none());
    let asked = ask(&world, world.accept(demanding("taro@example.jp")).await).await;
    let proven = world.ledger.prove_all(&[habeas_ledger::Presented::Link(asked.link)]).await.unwrap();
    assert_eq!(proven, [habeas_ledger::Proof::NotValid], "a paper's link proves nothing");
}

async fn of_files_only_papers_are_taken(world: World) {
    let asked = ask(&world, mailed(&world).await).await;
    let until = start() + TimeDelta::days(14);
    for (content, problem) in [
        (Vec::new(), UploadRefused::Empty),
        (b"PK\x03\x04 an archive".to_vec(), UploadRefused::WrongType),
        (b"<html><script>alert(1)</script>".to_vec(), UploadRefused::WrongType),
        (vec![b'%'; habeas_domain::paper::LARGEST + 1], UploadRefused::TooLarge),
    ] {
        let taken = world.ledger.hand_in_paper(&asked.link, &Personal::new(content), until).await;
        assert_eq!(refused(taken), PaperRefused::Upload(problem));
    }
    assert_eq!(contents(&world).await, 0);
    assert!(give(&world, &asked).await.is_some(), "the link can still be used");
}

async fn asking_again_ends_the_link_before(world: World) {
    let request = mailed(&world).await;
    let first = ask(&world, request).await;
    let second = ask(&world, request).await;
    assert!(give(&world, &first).await.is_none());
    assert!(give(&world, &second).await.is_some());
    let third = try_ask(&world, request, PaperKind::IdentityDocument, staff(2)).await;
    assert_eq!(refused(third.map(|_| ())), PaperRefused::Open, "one waits for its judgement");
    let states: Vec<_> = world.view(request).await.papers.iter().map(|paper| paper.state).collect();
    assert_eq!(states, [PaperState::Lapsed, PaperState::Given]);
    let other = mailed(&world).await;
    for _ in 0..10 {
        ask(&world, other).await;
    }
    let eleventh = try_ask(&world, other, PaperKind::IdentityDocument, staff(2)).await;
    assert_eq!(refused(eleventh.map(|_| ())), PaperRefused::TooMany);
}

fn by_agent(subject: &str) -> NewRequest {
    let submission = submission(&json!({
        "subject": { "email": subject }, "rights": ["access"],
        "agent": { "name": "Alex Agent", "email": "alex@agents.example", "mandate": "signed-permission" },
    }));
    NewRequest { submission, ..new_request(subject, &[Right::Access]) }
}

async fn a_mandate_may_be_brought_unasked_and_a_reused_one_is_noticed(world: World) {
    let one = world.accept(by_agent("hanako@example.jp")).await;
    let other = world.accept(by_agent("taro@example.jp")).await;
    let until = start() + TimeDelta::days(14);
    let bring = async |request, marked: &str| {
        world.ledger.add_paper(request, PaperKind::Mandate, &document(marked), staff(2), until).await.unwrap()
    };
    let first = bring(one, "I permit Alex. ").await;
    assert!(!first.reused && first.asked_by.is_none());
    let again = world
        .ledger
        .add_paper(other, PaperKind::Mandate, &document("I permit Alex. "), staff(2), until)
        .await;
    assert!(matches!(again, Err(LedgerError::Paper(PaperRefused::Upload(UploadRefused::ForSomebodyElse)))));
    assert!(world.view(other).await.review_reason.is_some(), "staff are told");
    for by in [3, 4] {
        judge(&world, first.id, PaperDecision::Accepted, staff(by)).await.unwrap();
    }
    assert_eq!(world.ledger.paper(first.id).await.unwrap().state, PaperState::Accepted);
    assert_eq!(state(&world, one).await, RequestState::AwaitingVerification, "it proves nobody's identity");
    assert!(world.ledger.identity(one).await.unwrap().evidence.is_empty());
    let asked = try_ask(&world, one, PaperKind::Mandate, staff(2)).await.unwrap();
    assert_eq!(give(&world, &asked).await.unwrap().given_by, Some(Actor::Agent));
}

async fn the_gate_opens_once_however_many_judge_at_once(world: World) {
    let request = mailed(&world).await;
    let given = give(&world, &ask(&world, request).await).await.unwrap();
    let parallel = (3..9).map(|n| {
        let ledger = world.ledger.clone();
        let note = text("As on file.");
        tokio::spawn(
            async move { ledger.judge_paper(given.id, PaperDecision::Accepted, note, staff(n)).await },
        )
    });
    let mut counted = 0;
    for one in parallel.collect::<Vec<_>>() {
        counted += usize::from(one.await.unwrap().is_ok());
    }
    assert_eq!(counted, 2, "two decide, the others come too late");
    assert_eq!(world.waiting(request, habeas_domain::WorkKind::Resolve).await.len(), 1);
    assert_eq!(contents(&world).await, 0);
}
