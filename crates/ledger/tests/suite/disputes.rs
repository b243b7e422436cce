//! "This was not me": objections to a warned deletion, and how staff settle them.

use chrono::TimeDelta;
use habeas_domain::{JobState, Outcome, RequestId, RequestState, Right, WorkKind};
use habeas_ledger::{
    ChallengeRecord, Dispute, DisputeDecision, LedgerError, NewFinding, Purpose, RequestFilter, StopStanding,
    WaitsFor,
};

use crate::{
    steps::{challenge, contradiction, new_request, staff},
    warnings::{GRACE, addresses},
    world::{World, start},
};

on_both!(
    an_objection_stops_everything_and_waits_for_staff,
    what_staff_uphold_ends_and_is_told,
    what_staff_dismiss_is_approved_and_warned_of_anew,
    a_late_objection_stops_the_rest_and_is_told_to_staff,
    a_disputed_request_hands_out_no_package,
    an_objection_wins_every_race_with_the_beginning,
    the_persons_other_requests_stop_with_it,
    staff_settle_each_of_them,
    what_ends_takes_back_its_own_words_alone,
);

/// Warned, and objected to in time.
pub(crate) async fn disputed(world: &World, rights: &[Right]) -> RequestId {
    let request = world.approved(rights, GRACE).await;
    let links = world.warn(request).await;
    world.send(request, 2).await;
    assert_eq!(world.ledger.stop_standing(&links[0]).await.unwrap(), StopStanding::Open);
    assert_eq!(world.ledger.dispute(links[0].id).await.unwrap(), Dispute::Stopped(request));
    let used = ChallengeRecord { open: false, used_at: Some(world.ledger.ids().now()), ..links[0].clone() };
    assert_eq!(world.ledger.stop_standing(&used).await.unwrap(), StopStanding::Stopped);
    assert_eq!(world.ledger.dispute(links[0].id).await.unwrap(), Dispute::NotValid, "once");
    assert!(!world.ledger.prove(links[1].id).await.unwrap(), "an objection proves nothing");
    request
}

async fn an_objection_stops_everything_and_waits_for_staff(world: World) {
    let request = disputed(&world, &[Right::Deletion]).await;
    world.clock.advance(TimeDelta::days(20));
    assert_eq!(world.begun().await, 0);
    assert_eq!(world.deletion(request).await, (JobState::Disputed, vec![WaitsFor::StaffDispute]));
    let job = world.job(request, Right::Deletion).await;
    assert!(world.ledger.approve(job.id, staff(3), job.plan_hash.unwrap()).await.is_err());
    assert!(world.ledger.replan(job.id, staff(3)).await.is_err());
    assert_eq!(world.ledger.gauges().await.unwrap().disputed, 1);
    let filter = RequestFilter { disputed: true, ..RequestFilter::default() };
    let listed = world.ledger.list_requests(&filter, None, 10).await.unwrap().items;
    assert_eq!(listed.iter().map(|one| one.id).collect::<Vec<_>>(), [request]);
    assert!(world.events(request).await.contains(&"disputed".to_owned()));
    world.assert_audit_whole().await;
}

async fn what_staff_uphold_ends_and_is_told(world: World) {
    let request = disputed(&world, &[Right::Deletion]).await;
    world.ledger.settle_dispute(request, DisputeDecision::Upheld, staff(3)).await.unwrap();
    let view = world.view(request).await;
    assert_eq!((view.state, view.outcome), (RequestState::Closed, Some(Outcome::Disowned)));
    assert!(!view.waits_for.contains(&WaitsFor::StaffDispute));
    assert!(world.send_mails(request).await.contains(&"job-disowned".to_owned()));
    let again = world.ledger.settle_dispute(request, DisputeDecision::Dismissed, staff(3)).await;
    assert!(matches!(again, Err(LedgerError::NotFound("open dispute"))));
    assert_eq!(world.ledger.gauges().await.unwrap().disputed, 0);
    world.assert_audit_whole().await;
}

async fn what_staff_dismiss_is_approved_and_warned_of_anew(world: World) {
    let request = disputed(&world, &[Right::Deletion]).await;
    world.ledger.settle_dispute(request, DisputeDecision::Dismissed, staff(3)).await.unwrap();
    assert_eq!(world.view(request).await.disputed_at, None);
    world.resolve_warned(request, GRACE).await;
    let job = world.job(request, Right::Deletion).await;
    assert_eq!(
        (job.state, job.approvals.len()),
        (JobState::AwaitingApproval, 0),
        "whoever agreed did not know"
    );
    world.approve(request, Right::Deletion, staff(2)).await;
    world.clock.advance(TimeDelta::days(4));
    assert_eq!(world.begun().await, 0, "the grace of the first warnings does not count");
    let links = world.warn(request).await;
    world.send(request, 2).await;
    world.clock.advance(TimeDelta::days(3));
    assert_eq!(world.begun().await, 1);
    assert!(
        matches!(world.ledger.dispute(links[1].id).await.unwrap(), Dispute::Stopped(_)),
        "nothing was entered yet"
    );
}

async fn a_late_objection_stops_the_rest_and_is_told_to_staff(world: World) {
    let request = world.approved(&[Right::Deletion], 0).await;
    let links = world.warn(request).await;
    world.send(request, 2).await;
    let tasks = world.claim(request, WorkKind::Task).await;
    world.ledger.enter(&[tasks[0].lease]).await.unwrap();
    assert_eq!(world.ledger.dispute(links[0].id).await.unwrap(), Dispute::TooLate(request));
    assert!(world.ledger.enter(&[tasks[1].lease]).await.unwrap().is_empty(), "what had not begun is stopped");
    world.ledger.tasks_done(vec![crate::steps::done(&tasks[0])]).await.unwrap();
    world.conclude(request, Outcome::PartlyDone).await;
    let view = world.view(request).await;
    assert_eq!((view.state, view.outcome), (RequestState::Closed, Some(Outcome::PartlyDone)));
    assert!(view.waits_for.contains(&WaitsFor::StaffDispute), "staff are still told of it");
    assert_eq!(world.ledger.dispute(links[1].id).await.unwrap(), Dispute::TooLate(request));
    world.ledger.settle_dispute(request, DisputeDecision::Upheld, staff(3)).await.unwrap();
    world.assert_audit_whole().await;
}

async fn a_disputed_request_hands_out_no_package(world: World) {
    let request = world.approved(&[Right::Access, Right::Deletion], GRACE).await;
    let links = world.warn(request).await;
    world.finish_tasks(request).await;
    world.conclude(request, Outcome::Done).await;
    let access = world.job(request, Right::Access).await.id;
    let package = world.ledger.package_of_job(access).await.unwrap().unwrap();
    let (token, ends) = (world.ledger.vault().new_token().hash(), start() + TimeDelta::days(7));
    world.ledger.renew_package(package.id, token, ends, 3, staff(2)).await.unwrap();
    assert!(world.ledger.use_download(package.id).await.unwrap().is_some());
    assert!(world.ledger.package_by_token(&token).await.unwrap().is_some());
    world.ledger.dispute(links[0].id).await.unwrap();
    assert_eq!(world.ledger.package_by_token(&token).await.unwrap(), None, "its page has ended");
    assert_eq!(world.ledger.use_download(package.id).await.unwrap(), None);
    let again = || challenge(&world, Purpose::Download, "");
    assert!(
        !world.ledger.challenge_for(request, again(), 9, staff(2)).await.unwrap(),
        "nor is its link mailed again"
    );
    world.ledger.settle_dispute(request, DisputeDecision::Dismissed, staff(3)).await.unwrap();
    assert!(world.ledger.use_download(package.id).await.unwrap().is_some(), "open again");
    assert!(world.ledger.challenge_for(request, again(), 9, staff(2)).await.unwrap());
}

/// The button is pressed while the deletion begins. Whoever is told "stopped" can rely on it: nothing was entered, and
/// nothing can be.
async fn an_objection_wins_every_race_with_the_beginning(world: World) {
    let mut stopped = 0;
    for person in 0..100 {
        let person = format!("person-{person}@example.com");
        let request = world.approved_of(&person, &[Right::Deletion], 1).await;
        let links = world.warn(request).await;
        world.send(request, 2).await;
        world.clock.advance(TimeDelta::seconds(1));
        let begin = async {
            world.begun().await;
            let tasks: Vec<_> =
                world.claim(request, WorkKind::Task).await.iter().map(|one| one.lease).collect();
            // The database may undo one of two that lock the same rows: then nothing was entered.
            world.ledger.enter(&tasks).await.map_or(0, |entered| entered.len())
        };
        let (entered, said) = tokio::join!(begin, world.ledger.dispute(links[0].id));
        if said.unwrap() == Dispute::Stopped(request) {
            stopped += 1;
            assert_eq!(entered, 0, "entered a store after it was said to be stopped");
            assert_eq!(world.begun().await, 0);
            assert!(world.claim(request, WorkKind::Task).await.is_empty());
            assert_eq!(world.job_state(request, Right::Deletion).await, JobState::Disputed);
        } else {
            assert!(entered > 0, "too late only where a store was entered");
        }
    }
    assert!(stopped > 0, "the race was never won");
}

/// A deletion that is objected to, beside a copy at her other address that can be fetched, one that nobody has confirmed yet, and
/// the copy of somebody else.
async fn with_siblings(world: &World) -> [RequestId; 4] {
    let mut copies = Vec::new();
    for who in [addresses()[1], "taro@example.jp"] {
        let copy = world.accept(new_request(who, &[Right::Access])).await;
        world.prove(copy).await;
        world.resolve(copy, &["shop"]).await;
        world.finish_tasks(copy).await;
        world.conclude(copy, Outcome::Done).await;
        copies.push(copy);
    }
    let unproven = world.accepted(&[Right::Portability]).await;
    let request = disputed(world, &[Right::Deletion]).await;
    [request, copies[0], unproven, copies[1]]
}

async fn is_given_out(world: &World, copy: RequestId) -> bool {
    let job = world.job(copy, Right::Access).await.id;
    let package = world.ledger.package_of_job(job).await.unwrap().unwrap();
    world.ledger.use_download(package.id).await.unwrap().is_some()
}

async fn the_persons_other_requests_stop_with_it(world: World) {
    let [request, copy, unproven, strangers] = with_siblings(&world).await;
    assert!(!is_given_out(&world, copy).await, "its package is closed");
    assert!(is_given_out(&world, strangers).await);
    assert_eq!(world.view(strangers).await.disputed_at, None);
    for one in [copy, unproven] {
        let view = world.view(one).await;
        assert!(view.waits_for.contains(&WaitsFor::StaffDispute), "{:?}", view.waits_for);
        assert!(view.review_reason.unwrap().contains(&request.reference()), "staff read with which");
    }
    assert_eq!(world.ledger.gauges().await.unwrap().disputed, 3);
    world.prove(unproven).await;
    let later = world.accepted(&[Right::Access]).await;
    world.prove(later).await;
    for (one, right) in [(unproven, Right::Portability), (later, Right::Access)] {
        assert_eq!(
            world.job_state(one, right).await,
            JobState::Disputed,
            "nothing begins of what comes later"
        );
        assert!(world.waiting(one, WorkKind::Resolve).await.is_empty());
    }
    world.assert_audit_whole().await;
}

async fn staff_settle_each_of_them(world: World) {
    let [request, copy, unproven, _] = with_siblings(&world).await;
    let settle = |one, decision| world.ledger.settle_dispute(one, decision, staff(3));
    settle(request, DisputeDecision::Upheld).await.unwrap();
    settle(unproven, DisputeDecision::Upheld).await.unwrap();
    let view = world.view(unproven).await;
    assert_eq!((view.state, view.outcome), (RequestState::Closed, Some(Outcome::Disowned)));
    settle(copy, DisputeDecision::Dismissed).await.unwrap();
    assert_eq!(world.view(copy).await.review_reason, None);
    assert!(is_given_out(&world, copy).await, "open again");
    let later = world.accepted(&[Right::Access]).await;
    world.prove(later).await;
    world.resolve(later, &["shop"]).await;
    assert_eq!(world.job_state(later, Right::Access).await, JobState::Running, "nothing is open to settle");
    world.assert_audit_whole().await;
}

/// A request that stopped with another of its person holds keys that contradict each other besides: that stays to be read.
async fn what_ends_takes_back_its_own_words_alone(world: World) {
    let copy = world.accept(new_request(addresses()[1], &[Right::Access])).await;
    world.prove(copy).await;
    let resolve = world.claim_one(copy, WorkKind::Resolve).await;
    let words = "somebody at an address on file says that another request of this person is not theirs; settle both: no";
    let found = NewFinding { reason: words.to_owned(), ..contradiction("other@example.com") };
    world.ledger.review_needed(resolve.lease, copy, &found).await.unwrap();
    disputed(&world, &[Right::Deletion]).await;
    let view = world.view(copy).await;
    assert!(view.disputed_at.is_some(), "it stopped with the other");
    assert_eq!(view.review_reason.as_deref(), Some(words), "what came first is looked at first");
    world.ledger.settle_dispute(copy, DisputeDecision::Dismissed, staff(3)).await.unwrap();
    assert_eq!(world.view(copy).await.review_reason.as_deref(), Some(words));
}
