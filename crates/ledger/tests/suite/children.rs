//! Requests about children: whatever the child does opens nothing, and what is answered goes to the guardian who was
//! verified and to nobody before.

use chrono::TimeDelta;
use habeas_domain::{
    Actor, Calendars, Deadline, EmailAddress, Outcome, PaperKind, PersonName, Personal, Regimes, RequestId,
    RequestState, Right, WorkKind,
    paper::{PaperDecision, PaperRefused},
    submission::{Child, Guardian},
    text::FreeText,
    verification::{Evidence, EvidenceOutcome, EvidenceRefused, Method, Standing, VerificationPolicy},
};
use habeas_ledger::{GuardianStanding, LedgerError, NewChallenge, NewRequest, PaperAsk, Purpose, WaitsFor};
use serde_json::{Value, json};

use crate::{
    steps::{challenge, new_request, staff, submission},
    world::{World, start},
};

on_both!(
    no_click_of_a_child_opens_the_gate,
    a_guardian_on_file_opens_it_and_gets_the_answers,
    a_guardian_by_papers_takes_two_people_and_the_childs_address,
    no_answer_goes_to_a_guardian_who_was_not_verified,
    a_request_becomes_a_childs_and_never_changes_its_guardian,
);

const CHILD: &str = "hanako@example.jp";
const PARENT: &str = "ichiro@example.jp";

fn about_a_child(child: &Value) -> NewRequest {
    let submission = submission(&json!({
        "subject": { "email": CHILD, "name": "山田 花子" }, "rights": ["access"], "child": child,
    }));
    let verification = VerificationPolicy::guardian();
    NewRequest { submission, verification, ..new_request(CHILD, &[Right::Access]) }
}

/// What the law gives for a child's request that arrives now.
fn sooner() -> Deadline {
    let regimes = Regimes::builtin().unwrap();
    let law = regimes.get(&"eu_gdpr".parse().unwrap()).unwrap();
    let calendar = Calendars::builtin().unwrap().of(law).unwrap();
    Deadline::compute(law, &calendar, &[Right::Access], start(), None).for_child(law, &calendar)
}

async fn named(world: &World) -> RequestId {
    let guardian = json!({ "guardian": { "name": "山田 一郎", "email": PARENT } });
    world.accept(about_a_child(&guardian)).await
}

/// Somebody presses the button of a link of this purpose.
async fn press(world: &World, request: RequestId, purpose: Purpose) -> bool {
    let new = challenge(world, purpose, "hash");
    let token = new.link.unwrap().0;
    assert!(world.ledger.challenge_within(request, new, 100).await.unwrap());
    let id = world.ledger.challenge_by_token(&token).await.unwrap().unwrap().id;
    world.ledger.prove(id).await.unwrap()
}

async fn state(world: &World, request: RequestId) -> RequestState {
    world.view(request).await.state
}

fn shown(method: Method, by: Actor) -> Evidence {
    Evidence { method, outcome: EvidenceOutcome::Passed, at: start(), by, answers: 9, note: None }
}

async fn waits_for(world: &World, request: RequestId) -> Vec<WaitsFor> {
    for claimed in world.claim(request, WorkKind::Challenge).await {
        world
            .ledger
            .challenged(vec![(claimed.lease, request, challenge(world, Purpose::Phone, "x"))])
            .await
            .unwrap();
    }
    world.send_mails(request).await;
    world.view(request).await.waits_for
}

async fn no_click_of_a_child_opens_the_gate(world: World) {
    for guardian in [json!({}), json!({ "guardian": { "name": "山田 一郎", "email": PARENT } })] {
        let request = world.accept(about_a_child(&guardian)).await;
        for purpose in [Purpose::Identity, Purpose::Phone, Purpose::NewAddress, Purpose::Download] {
            press(&world, request, purpose).await;
        }
        for method in Method::ALL {
            for by in [Actor::Subject, Actor::System, Actor::Agent] {
                let recorded = world.ledger.record_evidence(request, shown(method, by)).await;
                assert!(!matches!(recorded, Ok(Standing::Proven)), "{method} by {by}");
            }
        }
        for by in 2..6 {
            world.ledger.record_contacts_seen(request, staff(by), 1).await.unwrap();
            let _ = world.ledger.record_evidence(request, shown(Method::CallBack, staff(by))).await;
        }
        let asked = ask(&world, request, PaperKind::IdentityDocument).await;
        assert!(matches!(asked, Err(LedgerError::Paper(PaperRefused::Forbidden))), "{asked:?}");
        assert_eq!(state(&world, request).await, RequestState::AwaitingVerification);
        assert!(world.waiting(request, WorkKind::Resolve).await.is_empty());
    }
    let unnamed = world.accept(about_a_child(&json!({}))).await;
    assert_eq!(waits_for(&world, unnamed).await, [WaitsFor::StaffGuardian]);
}

async fn a_guardian_on_file_opens_it_and_gets_the_answers(world: World) {
    let request = named(&world).await;
    assert_eq!(waits_for(&world, request).await, [WaitsFor::Guardian]);
    assert!(press(&world, request, Purpose::Guardian).await);
    assert_eq!(
        state(&world, request).await,
        RequestState::AwaitingVerification,
        "anybody can name themselves"
    );
    assert_eq!(world.view(request).await.guardian, Some(GuardianStanding::Confirmed));
    let on_file = |by| world.ledger.record_evidence(request, shown(Method::GuardianOnFile, by));
    assert!(!matches!(on_file(Actor::Subject).await, Ok(Standing::Proven)));
    assert!(!matches!(on_file(Actor::Guardian).await, Ok(Standing::Proven)));
    assert_eq!(on_file(Actor::System).await.unwrap(), Standing::Proven);
    let open = world.ledger.open_request(request).await.unwrap();
    assert_eq!(open.address(), PARENT);
    world.resolve(request, &["shop"]).await;
    world.finish_tasks(request).await;
    world.ledger.withdraw(request, Actor::Guardian).await.unwrap();
    let entries = world.ledger.audit_entries(request).await.unwrap();
    let proven = entries.iter().find(|entry| entry.event == "identity-proven").unwrap();
    assert_eq!(proven.actor, "guardian");
    world.assert_audit_whole().await;
}

async fn ask(
    world: &World,
    request: RequestId,
    kind: PaperKind,
) -> Result<habeas_vault::TokenHash, LedgerError> {
    let new = challenge(world, Purpose::Paper, "");
    let link = new.link.unwrap();
    let new = NewChallenge { code: None, to: Personal::new(PARENT.to_owned()), ..new };
    let reason = FreeText::parse("Not on file.").unwrap();
    let ask = PaperAsk { kind, reason, by: staff(2), ends: link.1, link: new };
    world.ledger.ask_paper(request, ask).await.map(|_| link.0)
}

async fn a_guardian_by_papers_takes_two_people_and_the_childs_address(world: World) {
    let request = named(&world).await;
    press(&world, request, Purpose::Guardian).await;
    let asked = world.claim(request, WorkKind::LookUp).await;
    assert_eq!(asked.len(), 1, "the stores are asked for the guardian's address");
    world.ledger.looked_up(&asked).await.unwrap();
    assert_eq!(waits_for(&world, request).await, [WaitsFor::StaffGuardian]);
    let link = ask(&world, request, PaperKind::GuardianProof).await.unwrap();
    assert_eq!(waits_for(&world, request).await, [WaitsFor::Guardian]);
    let content = Personal::new(b"%PDF-1.7 of a fictional family".to_vec());
    let until = start() + TimeDelta::days(14);
    let paper = world.ledger.hand_in_paper(&link, &content, until).await.unwrap().unwrap();
    assert_eq!(paper.given_by, Some(Actor::Guardian));
    assert_eq!(waits_for(&world, request).await, [WaitsFor::StaffPaper]);
    let note = || FreeText::parse("Both names fit.").unwrap();
    for by in [3, 4] {
        assert_eq!(state(&world, request).await, RequestState::AwaitingVerification);
        world.ledger.judge_paper(paper.id, PaperDecision::Accepted, note(), staff(by)).await.unwrap();
    }
    assert_eq!(
        state(&world, request).await,
        RequestState::AwaitingVerification,
        "it says who is whose guardian, and not whose account it is"
    );
    let recorded = world.ledger.record_evidence(request, shown(Method::GuardianProof, staff(5))).await;
    assert!(matches!(recorded, Err(LedgerError::Evidence(EvidenceRefused::ThroughPaper))), "{recorded:?}");
    press(&world, request, Purpose::Identity).await;
    assert_eq!(state(&world, request).await, RequestState::Resolving);
    assert_eq!(world.number("SELECT COUNT(*) AS n FROM paper_content").await, 0);
    let plain = world.accept(new_request("taro@example.jp", &[Right::Access])).await;
    let asked = ask(&world, plain, PaperKind::GuardianProof).await;
    assert!(matches!(asked, Err(LedgerError::Paper(PaperRefused::NotAwaited))), "{asked:?}");
}

async fn recipients(world: &World, request: RequestId) -> Vec<(String, String)> {
    let claimed = world.claim(request, WorkKind::Mail).await;
    let mails = world.ledger.mails_to_send(&claimed).await.unwrap();
    for mail in &mails {
        let to_parent = mail.to.expose() == PARENT;
        let says_so_itself = mail.letter.kind() == "verify-guardian";
        assert_eq!(mail.for_child, to_parent && !says_so_itself, "{}", mail.letter.kind());
    }
    mails.into_iter().map(|mail| (mail.letter.kind().to_owned(), mail.to.into_inner())).collect()
}

async fn no_answer_goes_to_a_guardian_who_was_not_verified(world: World) {
    let verified = named(&world).await;
    press(&world, verified, Purpose::Guardian).await;
    world.ledger.record_evidence(verified, shown(Method::GuardianOnFile, Actor::System)).await.unwrap();
    world.send_mails(verified).await;
    let ended = world.ledger.withdraw(verified, Actor::Guardian).await.unwrap().ended;
    assert_eq!(ended.len(), 1);
    assert_eq!(recipients(&world, verified).await, [("job-withdrawn".to_owned(), PARENT.to_owned())]);
    assert_eq!(world.view(verified).await.outcome, Some(Outcome::Withdrawn));
    let request = named(&world).await;
    press(&world, request, Purpose::Guardian).await;
    world.send_mails(request).await;
    world.clock.advance(TimeDelta::days(15));
    assert_eq!(world.ledger.lapse_unverified(10).await.unwrap(), 1);
    let mut told = recipients(&world, request).await;
    told.sort();
    let to = |address: &str| ("lapsed".to_owned(), address.to_owned());
    assert_eq!(told, [to(CHILD), to(PARENT)], "which says nothing but that the time is over");
}

async fn a_request_becomes_a_childs_and_never_changes_its_guardian(world: World) {
    let request = world.accept(new_request(CHILD, &[Right::Access])).await;
    let guardian = |email: &str| Guardian {
        name: PersonName::parse("山田 一郎").unwrap(),
        email: EmailAddress::parse(email).unwrap(),
    };
    let sooner = sooner();
    let due = world.view(request).await.due_on;
    assert!(due > sooner.due_on, "an adult's date");
    let name = async |email: &str| {
        let link = NewChallenge { code: None, ..challenge(&world, Purpose::Guardian, "") };
        let policy = VerificationPolicy::guardian();
        world
            .ledger
            .name_guardian(
                request,
                Child { guardian: Some(guardian(email)), age_given: true },
                (&policy, Some(&sooner)),
                link,
                staff(2),
            )
            .await
    };
    name(PARENT).await.unwrap();
    let view = world.view(request).await;
    assert_eq!((view.due_on, view.due_at), (sooner.due_on, sooner.due_at), "the fast clock");
    let told = "SELECT COUNT(*) AS n FROM mail WHERE kind = 'due-date-changed'";
    assert_eq!(world.number(told).await, 1, "the person is told");
    let moved = world.ledger.audit_entries(request).await.unwrap();
    let moved = moved.iter().find(|entry| entry.event == "due-sooner").unwrap();
    assert!(format!("{:?}", moved.detail).contains(&due.to_string()), "{moved:?}");
    name("Ichiro@example.jp").await.unwrap();
    assert_eq!(world.number(told).await, 1, "once");
    press(&world, request, Purpose::Identity).await;
    assert_eq!(
        state(&world, request).await,
        RequestState::AwaitingVerification,
        "the link was enough before"
    );
    let other = name("somebody.else@example.com").await;
    assert!(matches!(other, Err(LedgerError::Evidence(EvidenceRefused::GuardianNamed))), "{other:?}");
    assert!(world.events(request).await.contains(&"guardian-named".to_owned()));
    let grown = world.accepted(&[Right::Access]).await;
    world.prove(grown).await;
    let link = challenge(&world, Purpose::Guardian, "");
    let policy = VerificationPolicy::guardian();
    let late = world
        .ledger
        .name_guardian(
            grown,
            Child { guardian: Some(guardian(PARENT)), age_given: true },
            (&policy, None),
            link,
            staff(2),
        )
        .await;
    assert!(matches!(late, Err(LedgerError::Evidence(EvidenceRefused::NotAwaited))), "{late:?}");
}
