//! What a resolve stopped at, and who decides about it.

use chrono::TimeDelta;
use habeas_domain::{
    Actor, KeyName, Outcome, Personal, RequestId, RequestState, Right, WorkKind,
    audit::AuditEntry,
    review::{FindingHash, FindingKind, Opinion, ReviewDecision, ReviewRefused},
    text::FreeText,
};
use habeas_ledger::{FindingOutcome, FindingState, LedgerError, NewFinding, NewRequest, WaitsFor};

use crate::{
    steps::{contradiction, new_request, purge_closed, staff},
    world::{World, start},
};

on_both!(
    a_contradiction_takes_two_people_who_decide_alike,
    who_handed_the_request_in_decides_nothing,
    a_decision_is_for_the_finding_it_was_made_on,
    decisions_stay_in_force_for_every_later_resolve,
    only_a_deletion_takes_two_people_about_a_number,
    a_review_that_is_cleared_is_decided_anew,
    the_trail_and_the_views_hold_no_values,
    what_was_found_goes_with_the_persons_data,
);

const OTHER: &str = "other@example.com";

fn too_many(allowed: u32) -> NewFinding {
    NewFinding {
        kind: FindingKind::TooManyValues,
        key: KeyName::new("order_id").ok(),
        place: None,
        identifying: false,
        allowed,
        proven: Vec::new(),
        found: vec![Personal::new("O-1".to_owned())],
        reason: format!("more than {allowed} different values of order_id were found"),
    }
}

async fn asked(world: &World, rights: &[Right]) -> RequestId {
    let request = world.accepted(rights).await;
    world.prove(request).await;
    request
}

/// A resolve that stops; what a decision about it names.
async fn stop(world: &World, request: RequestId, found: &NewFinding) -> FindingHash {
    world.clock.advance(TimeDelta::seconds(1));
    let lease = world.claim_one(request, WorkKind::Resolve).await.lease;
    world.ledger.review_needed(lease, request, found).await.unwrap();
    let view = world.view(request).await;
    assert_eq!(view.state, RequestState::AwaitingReview);
    let open = view.findings.into_iter().filter(|one| one.state == FindingState::Open);
    let [open] = &open.collect::<Vec<_>>()[..] else { panic!("one is open") };
    open.finding
}

async fn decide(
    world: &World,
    request: RequestId,
    finding: FindingHash,
    decision: ReviewDecision,
    by: Actor,
) -> Result<FindingOutcome, LedgerError> {
    world.clock.advance(TimeDelta::seconds(1));
    let reason = FreeText::parse("She called from the number on file.").unwrap();
    world.ledger.decide_finding(request, finding, Opinion { by, decision }, reason).await
}

fn refused(result: Result<FindingOutcome, LedgerError>) -> ReviewRefused {
    match result {
        Err(LedgerError::Review(refused)) => refused,
        other => panic!("it was not refused: {other:?}"),
    }
}

async fn a_contradiction_takes_two_people_who_decide_alike(world: World) {
    let request = asked(&world, &[Right::Access]).await;
    let finding = stop(&world, request, &contradiction(OTHER)).await;
    let (same, another) = (ReviewDecision::SamePerson, ReviewDecision::AnotherPerson);
    let first = decide(&world, request, finding, another, staff(2)).await.unwrap();
    assert_eq!(first, FindingOutcome::Counted { missing: 1 });
    let again = decide(&world, request, finding, another, staff(2)).await;
    assert_eq!(refused(again), ReviewRefused::SamePersonTwice);
    let unlike = decide(&world, request, finding, same, staff(3)).await.unwrap();
    assert_eq!(unlike, FindingOutcome::Counted { missing: 1 }, "two people, and two decisions");
    let view = world.view(request).await;
    assert!(view.state == RequestState::AwaitingReview && view.waits_for.contains(&WaitsFor::StaffReview));
    assert_eq!((view.findings[0].needed, view.findings[0].decisions.len()), (2, 2));
    assert!(world.ledger.decided_findings(&[request]).await.unwrap().is_empty());
    let third = decide(&world, request, finding, another, staff(4)).await.unwrap();
    assert_eq!(third, FindingOutcome::Decided);
    let view = world.view(request).await;
    assert_eq!((view.state, view.review_reason), (RequestState::Resolving, None));
    assert_eq!((view.findings[0].state, view.findings[0].needed), (FindingState::Decided, 0));
    let decided = world.ledger.decided_findings(&[request]).await.unwrap().remove(&request).unwrap();
    assert_eq!((decided[0].decision, decided[0].found.as_slice()), (another, &[OTHER.to_owned().into()][..]));
    assert_eq!(world.waiting(request, WorkKind::Resolve).await.len(), 1, "it is resolved with that");
    world.assert_audit_whole().await;
}

async fn who_handed_the_request_in_decides_nothing(world: World) {
    let own = NewRequest { submitted_by: staff(2), ..new_request("hanako@example.jp", &[Right::Access]) };
    let request = world.accept(own).await;
    world.prove(request).await;
    let finding = stop(&world, request, &contradiction(OTHER)).await;
    let own = decide(&world, request, finding, ReviewDecision::SamePerson, staff(2)).await;
    assert_eq!(refused(own), ReviewRefused::OwnRequest);
    for nobody in [Actor::Subject, Actor::System] {
        let refusal = refused(decide(&world, request, finding, ReviewDecision::SamePerson, nobody).await);
        assert_eq!(refusal, ReviewRefused::NotStaff);
    }
}

async fn a_decision_is_for_the_finding_it_was_made_on(world: World) {
    let request = asked(&world, &[Right::Deletion]).await;
    let same = ReviewDecision::SamePerson;
    let first = stop(&world, request, &contradiction(OTHER)).await;
    decide(&world, request, first, same, staff(2)).await.unwrap();
    decide(&world, request, first, same, staff(3)).await.unwrap();
    let second = stop(&world, request, &contradiction("third@example.com")).await;
    assert_ne!(first, second, "another value is another finding");
    assert_eq!(refused(decide(&world, request, first, same, staff(4)).await), ReviewRefused::FindingChanged);
    decide(&world, request, second, same, staff(2)).await.unwrap();
    let states: Vec<_> = world.view(request).await.findings.into_iter().map(|one| one.state).collect();
    assert_eq!(states, [FindingState::Decided, FindingState::Open]);
    // The same values in another request are another finding, too.
    let other = world.accept(new_request("taro@example.jp", &[Right::Deletion])).await;
    world.prove(other).await;
    assert_ne!(stop(&world, other, &contradiction(OTHER)).await, first);
    assert_eq!(refused(decide(&world, other, first, same, staff(5)).await), ReviewRefused::FindingChanged);
}

async fn decisions_stay_in_force_for_every_later_resolve(world: World) {
    let request = asked(&world, &[Right::Access]).await;
    for value in [OTHER, "third@example.com"] {
        let finding = stop(&world, request, &contradiction(value)).await;
        for by in [staff(2), staff(3)] {
            decide(&world, request, finding, ReviewDecision::AnotherPerson, by).await.unwrap();
        }
    }
    world.resolve(request, &["shop"]).await;
    let decided = world.ledger.decided_findings(&[request]).await.unwrap().remove(&request).unwrap();
    let values: Vec<&str> =
        decided.iter().flat_map(|one| &one.found).map(|value| value.expose().as_str()).collect();
    assert_eq!(values, [OTHER, "third@example.com"]);
    let late = decide(&world, request, FindingHash([0; 32]), ReviewDecision::SamePerson, staff(4)).await;
    assert_eq!(refused(late), ReviewRefused::NotAwaited);
}

async fn only_a_deletion_takes_two_people_about_a_number(world: World) {
    let allow = |up_to| ReviewDecision::Allow { up_to };
    let copy = asked(&world, &[Right::Access]).await;
    let finding = stop(&world, copy, &too_many(100)).await;
    let low = refused(decide(&world, copy, finding, allow(100), staff(2)).await);
    assert!(matches!(low, ReviewRefused::Number { above: 100, .. }), "{low}");
    assert_eq!(
        refused(decide(&world, copy, finding, ReviewDecision::SamePerson, staff(2)).await),
        ReviewRefused::DoesNotFit
    );
    let alone = decide(&world, copy, finding, allow(200), staff(2)).await.unwrap();
    assert_eq!(alone, FindingOutcome::Decided);
    let both = world.accept(new_request("taro@example.jp", &[Right::Access, Right::Deletion])).await;
    world.prove(both).await;
    let finding = stop(&world, both, &too_many(100)).await;
    let first = decide(&world, both, finding, allow(200), staff(2)).await.unwrap();
    assert_eq!(first, FindingOutcome::Counted { missing: 1 });
    let unlike = decide(&world, both, finding, allow(300), staff(3)).await.unwrap();
    assert_eq!(unlike, FindingOutcome::Counted { missing: 1 }, "another number is another decision");
    assert_eq!(decide(&world, both, finding, allow(200), staff(4)).await.unwrap(), FindingOutcome::Decided);
    let again = stop(&world, both, &too_many(200)).await;
    assert_ne!(again, finding, "more than was allowed stops it again");
}

async fn a_review_that_is_cleared_is_decided_anew(world: World) {
    let request = asked(&world, &[Right::Deletion]).await;
    let finding = stop(&world, request, &contradiction(OTHER)).await;
    let another = ReviewDecision::AnotherPerson;
    decide(&world, request, finding, another, staff(2)).await.unwrap();
    world.ledger.clear_review(request, staff(3)).await.unwrap();
    assert_eq!(world.view(request).await.findings[0].state, FindingState::Gone);
    let late = decide(&world, request, finding, another, staff(3)).await;
    assert_eq!(refused(late), ReviewRefused::NotAwaited);
    assert!(world.ledger.decided_findings(&[request]).await.unwrap().is_empty());
    assert_eq!(stop(&world, request, &contradiction(OTHER)).await, finding, "the same is still there");
    assert_eq!(world.view(request).await.findings.len(), 1);
    let anew = decide(&world, request, finding, another, staff(3)).await.unwrap();
    assert_eq!(anew, FindingOutcome::Counted { missing: 1 }, "the word of before does not count");
}

async fn the_trail_and_the_views_hold_no_values(world: World) {
    let request = asked(&world, &[Right::Access]).await;
    let finding = stop(&world, request, &contradiction(OTHER)).await;
    for by in [staff(2), staff(3)] {
        decide(&world, request, finding, ReviewDecision::AnotherPerson, by).await.unwrap();
    }
    let shown = format!("{:?}", world.view(request).await);
    let details = world.ledger.findings(request).await.unwrap();
    let [detail] = &details[..] else { panic!("one finding") };
    assert_eq!(detail.found, [Personal::new(OTHER.to_owned())]);
    assert_eq!(detail.proven, [Personal::new("hanako@example.jp".to_owned())]);
    assert_eq!(detail.reasons[1].expose(), "She called from the number on file.");
    let entries: Vec<AuditEntry> = world.ledger.audit_entries(request).await.unwrap();
    let trail: Vec<&str> = entries.iter().map(|entry| entry.detail.as_str()).collect();
    for text in [shown, format!("{details:?}"), trail.join("\n")] {
        assert!(!text.contains("other@") && !text.contains("hanako@") && !text.contains("called"), "{text}");
    }
    let decided = entries.iter().rfind(|entry| entry.event == "review-decided").unwrap();
    for told in [finding.to_string().as_str(), "another-person", "contradiction", "customer", "\"missing\":0"]
    {
        assert!(decided.detail.contains(told), "{told}: {}", decided.detail);
    }
}

async fn what_was_found_goes_with_the_persons_data(world: World) {
    let request = asked(&world, &[Right::Access]).await;
    let finding = stop(&world, request, &contradiction(OTHER)).await;
    for by in [staff(2), staff(3)] {
        decide(&world, request, finding, ReviewDecision::AnotherPerson, by).await.unwrap();
    }
    world.resolve(request, &["shop"]).await;
    world.finish_tasks(request).await;
    world.conclude(request, Outcome::Done).await;
    assert_eq!(purge_closed(&world, start() + TimeDelta::days(1)).await, 1);
    let kept = "SELECT (SELECT COUNT(*) FROM review_finding WHERE found IS NOT NULL) \
                + (SELECT COUNT(*) FROM review_decision WHERE reason IS NOT NULL) AS n";
    assert_eq!(world.number(kept).await, 0);
    assert!(world.ledger.decided_findings(&[request]).await.unwrap().is_empty());
    assert!(matches!(world.ledger.findings(request).await, Err(LedgerError::Erased)));
    let view = world.view(request).await;
    assert_eq!((view.findings[0].state, view.findings[0].decisions.len()), (FindingState::Decided, 2));
}
