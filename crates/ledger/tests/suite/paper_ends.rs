//! What ends papers, and what is left of them: their record, and no byte in the files of the database.

use std::time::Duration;

use chrono::TimeDelta;
use habeas_domain::{
    Actor, Outcome, PaperState, RequestState,
    paper::{PaperDecision, PaperRefused},
    verification::{EvidenceOutcome, Method},
};
use habeas_test_support::wait;

use crate::{
    papers::{ask, contents, give, judge, mailed, refused, state},
    steps::{purge_closed, staff},
    world::{World, start},
};

on_both!(
    a_paper_that_nobody_judges_lapses_with_its_bytes,
    whatever_ends_a_request_or_proves_the_person_ends_its_papers,
    what_remains_of_a_paper_after_the_end_is_its_record,
    of_a_judged_paper_no_byte_is_left_in_the_files_of_the_database,
    where_they_can_the_record_says_nothing,
);

async fn a_paper_that_nobody_judges_lapses_with_its_bytes(world: World) {
    let request = mailed(&world).await;
    world.clock.advance(TimeDelta::days(13));
    let given = give(&world, &ask(&world, request).await).await.unwrap();
    judge(&world, given.id, PaperDecision::Accepted, staff(3)).await.unwrap();
    world.clock.advance(TimeDelta::days(10));
    assert_eq!(world.ledger.lapse_unverified(10).await.unwrap(), 0, "it waits for staff, not for the person");
    assert_eq!(world.ledger.lapse_papers(10).await.unwrap(), 0);
    world.clock.advance(TimeDelta::days(5));
    assert_eq!(world.ledger.lapse_papers(10).await.unwrap(), 1);
    assert_eq!(world.ledger.lapse_papers(10).await.unwrap(), 0, "once");
    assert_eq!(contents(&world).await, 0);
    assert_eq!(world.ledger.paper(given.id).await.unwrap().state, PaperState::Lapsed);
    let late = judge(&world, given.id, PaperDecision::Accepted, staff(4)).await;
    assert_eq!(refused(late), PaperRefused::NotGiven);
    assert_eq!(world.ledger.lapse_unverified(10).await.unwrap(), 1, "and the request closes");
    assert_eq!(world.view(request).await.outcome, Some(Outcome::Unverified));
    assert!(world.events(request).await.contains(&"paper-lapsed".to_owned()));
}

async fn whatever_ends_a_request_or_proves_the_person_ends_its_papers(world: World) {
    let withdrawn = mailed(&world).await;
    give(&world, &ask(&world, withdrawn).await).await.unwrap();
    let proven = mailed(&world).await;
    give(&world, &ask(&world, proven).await).await.unwrap();
    assert_eq!(contents(&world).await, 2);
    world.ledger.withdraw(withdrawn, Actor::Subject).await.unwrap();
    assert_eq!(contents(&world).await, 1);
    let signed_in = habeas_domain::verification::Evidence {
        method: Method::SignIn,
        outcome: EvidenceOutcome::Passed,
        at: start(),
        by: Actor::Subject,
        answers: 0,
        note: None,
    };
    world.ledger.record_evidence(proven, signed_in).await.unwrap();
    assert_eq!((contents(&world).await, state(&world, proven).await), (0, RequestState::Resolving));
    for request in [withdrawn, proven] {
        assert_eq!(world.view(request).await.papers[0].state, PaperState::Lapsed);
    }
    world.assert_audit_whole().await;
}

async fn what_remains_of_a_paper_after_the_end_is_its_record(world: World) {
    let request = mailed(&world).await;
    let given = give(&world, &ask(&world, request).await).await.unwrap();
    judge(&world, given.id, PaperDecision::Accepted, staff(3)).await.unwrap();
    judge(&world, given.id, PaperDecision::Refused, staff(4)).await.unwrap();
    let detail = world.ledger.papers_in_detail(request).await.unwrap().items.remove(0);
    assert_eq!(detail.reason.unwrap().expose(), "Two answers of Hanako were wrong.");
    assert_eq!(detail.notes.len(), 2);
    world.ledger.withdraw(request, Actor::Subject).await.unwrap();
    assert_eq!(purge_closed(&world, start() + TimeDelta::days(1)).await, 1);
    let left = world.ledger.papers_in_detail(request).await.unwrap().items.remove(0);
    assert_eq!((left.reason, left.notes), (None, vec![None, None]));
    assert_eq!((left.view.sha256, left.view.state), (None, PaperState::Refused));
    let judged: Vec<_> = left.view.judgements.iter().map(|one| (one.by, one.decision)).collect();
    assert_eq!(judged, [(staff(3), PaperDecision::Accepted), (staff(4), PaperDecision::Refused)]);
    for column in
        ["paper WHERE reason IS NOT NULL OR sha256 IS NOT NULL", "paper_judgement WHERE note IS NOT NULL"]
    {
        assert_eq!(world.number(&format!("SELECT COUNT(*) AS n FROM {column}")).await, 0, "{column}");
    }
}

/// PostgreSQL skips a table that is not one's own, and says nothing of it to the caller.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn where_the_files_cannot_be_written_anew_the_record_says_so() {
    let world = World::postgresql_of_another_owner().await;
    assert!(habeas_ledger::judged_papers_leave_nothing(&world.db).await.unwrap(), "the owner may");
    let guest = world.guest().await;
    assert!(!habeas_ledger::judged_papers_leave_nothing(&guest).await.unwrap());
    let request = mailed(&world).await;
    let given = give(&world, &ask(&world, request).await).await.unwrap();
    for by in [3, 4] {
        judge(&world, given.id, PaperDecision::Accepted, staff(by)).await.unwrap();
    }
    assert_eq!(contents(&world).await, 0, "the row is gone all the same");
    assert!(world.events(request).await.contains(&"paper-bytes-left".to_owned()));
    world.ledger.prune(start(), 1).await.unwrap();
    world.without_guest().await;
}

async fn where_they_can_the_record_says_nothing(world: World) {
    let request = mailed(&world).await;
    let given = give(&world, &ask(&world, request).await).await.unwrap();
    for by in [3, 4] {
        judge(&world, given.id, PaperDecision::Accepted, staff(by)).await.unwrap();
    }
    assert!(!world.events(request).await.contains(&"paper-bytes-left".to_owned()));
}

/// The sealed bytes as they lie in the database's files, before and after the decision.
async fn of_a_judged_paper_no_byte_is_left_in_the_files_of_the_database(world: World) {
    let request = mailed(&world).await;
    let given = give(&world, &ask(&world, request).await).await.unwrap();
    let sealed: Vec<u8> =
        world.rows("SELECT content AS n FROM paper_content").await[0].try_get("", "n").unwrap();
    assert!(sealed.len() > 40_000);
    let pieces: Vec<&[u8]> = sealed.chunks(64).filter(|piece| piece.len() == 64).collect();
    let found = |files: &[Vec<u8>]| {
        let holds = |piece: &&&[u8]| files.iter().any(|file| memchr_find(file, piece));
        pieces.iter().step_by(29).filter(holds).count()
    };
    assert!(found(&world.files().await) > 10, "the search does find what is there");
    for by in [3, 4] {
        judge(&world, given.id, PaperDecision::Accepted, staff(by)).await.unwrap();
    }
    // Where the server itself reads at that moment, as it does to gather statistics, the next round of the janitor does it.
    let gone = || async {
        let left = found(&world.files().await);
        world.ledger.prune(start(), 1).await.unwrap();
        left == 0
    };
    wait::until("the bytes to be gone", Duration::from_mins(1), gone).await.unwrap();
    assert_eq!(found(&world.files().await), 0);
}

fn memchr_find(file: &[u8], piece: &[u8]) -> bool {
    file.windows(piece.len()).any(|window| window == piece)
}
