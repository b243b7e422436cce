//! A request's whole life.

use habeas_domain::{JobState, Outcome, RequestState, Right, WorkKind, WorkState};
use habeas_ledger::{MailState, WaitsFor};

use crate::{
    steps::{LEASE, contradiction, staff},
    world::World,
};

on_both!(
    an_automatic_right_needs_nobody,
    an_approved_right_runs_after_its_approval,
    nothing_held_goes_straight_to_its_letter,
    no_work_exists_before_identity_is_proven,
    a_review_stops_and_goes_on,
    announcements_follow_commits,
);

async fn an_automatic_right_needs_nobody(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    let view = world.view(request).await;
    assert_eq!(view.state, RequestState::AwaitingVerification);
    assert_eq!(view.waits_for, [WaitsFor::Mail, WaitsFor::Worker]);
    world.prove(request).await;
    assert_eq!(world.view(request).await.state, RequestState::Resolving);
    world.resolve(request, &["shop", "crm"]).await;
    let view = world.view(request).await;
    assert_eq!((view.state, view.jobs[0].state), (RequestState::InProgress, JobState::Running));
    assert_eq!(view.jobs[0].tasks.len(), 2);
    assert!(view.waits_for.contains(&WaitsFor::Stores));
    world.finish_tasks(request).await;
    assert_eq!(world.job_state(request, Right::Access).await, JobState::Concluding);
    world.conclude(request, Outcome::Done).await;
    let view = world.view(request).await;
    assert_eq!((view.state, view.outcome), (RequestState::Closed, Some(Outcome::Done)));
    assert_eq!(view.waits_for, [WaitsFor::Mail], "the letter is not out yet");
    assert_eq!(view.packages.len(), 1);
    assert_eq!(world.send_mails(request).await, ["confirm-new-address", "job-done", "received"]);
    let view = world.view(request).await;
    assert!(view.waits_for.is_empty(), "{:?}", view.waits_for);
    assert!(view.mails.iter().all(|mail| mail.state == MailState::Sent && mail.sent_at.is_some()));
    assert!(view.jobs[0].tasks.iter().all(|task| task.rows == Some(7) && task.state == WorkState::Done));
    world.assert_audit_whole().await;
    let events = world.events(request).await;
    for event in ["received", "identity-proven", "keys-resolved", "task-done", "package-stored", "closed"] {
        assert!(events.iter().any(|one| one == event), "{event} in {events:?}");
    }
}

async fn an_approved_right_runs_after_its_approval(world: World) {
    let request = world.resolved(&[Right::Deletion], &["shop"]).await;
    let job = world.job(request, Right::Deletion).await;
    assert_eq!(job.state, JobState::AwaitingApproval);
    assert_eq!(job.waits_for, [WaitsFor::StaffApproval]);
    assert!(world.waiting(request, WorkKind::Task).await.is_empty());
    let (plan, hash) = world.ledger.job_plan(job.id).await.unwrap();
    assert_eq!(plan.detail.expose()["old"], "hanako.plan@example.jp");
    assert_eq!(Some(hash), job.plan_hash);
    world.approve(request, Right::Deletion, staff(2)).await;
    world.finish_tasks(request).await;
    world.conclude(request, Outcome::Done).await;
    assert_eq!(world.view(request).await.outcome, Some(Outcome::Done));
    assert_eq!(world.number("SELECT COUNT(*) AS n FROM receipt").await, 1);
    let reports = world.ledger.task_reports(&[job.id]).await.unwrap();
    assert_eq!((reports.len(), reports[0].rows), (1, 7));
    world.assert_audit_whole().await;
}

async fn nothing_held_goes_straight_to_its_letter(world: World) {
    let request = world.resolved(&[Right::Deletion, Right::Access], &[]).await;
    for right in [Right::Deletion, Right::Access] {
        assert_eq!(world.job_state(request, right).await, JobState::Concluding);
    }
    world.conclude(request, Outcome::NothingHeld).await;
    assert_eq!(world.view(request).await.outcome, Some(Outcome::NothingHeld));
}

async fn no_work_exists_before_identity_is_proven(world: World) {
    let request = world.accepted(&Right::ALL).await;
    let view = world.view(request).await;
    assert!(view.jobs.iter().all(|job| job.state == JobState::AwaitingVerification && job.tasks.is_empty()));
    assert!(world.waiting(request, WorkKind::Resolve).await.is_empty());
    let job = view.jobs.first().unwrap();
    assert!(world.ledger.approve(job.id, staff(2), crate::steps::hash(1)).await.is_err());
    world.send_mails(request).await;
    let claimed = world.claim_one(request, WorkKind::Challenge).await;
    let new = crate::steps::challenge(&world, habeas_ledger::Purpose::Identity, "hash");
    world.ledger.challenged(vec![(claimed.lease, request, new)]).await.unwrap();
    world.send_mails(request).await;
    assert_eq!(world.view(request).await.waits_for, [WaitsFor::Person]);
}

async fn a_review_stops_and_goes_on(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    world.prove(request).await;
    let claimed = world.claim_one(request, WorkKind::Resolve).await;
    world.ledger.review_needed(claimed.lease, request, &contradiction("o@example.com")).await.unwrap();
    let view = world.view(request).await;
    assert_eq!(view.state, RequestState::AwaitingReview);
    assert!(view.waits_for.contains(&WaitsFor::StaffReview) && !view.waits_for.contains(&WaitsFor::Worker));
    assert_eq!(view.review_reason.as_deref(), Some("a row of shop/customer contradicts"));
    let job = world.job(request, Right::Access).await.id;
    let early = world.ledger.replan(job, staff(2)).await.unwrap_err();
    assert!(early.to_string().contains("review"), "{early}");
    world.ledger.clear_review(request, staff(2)).await.unwrap();
    assert_eq!(world.view(request).await.review_reason, None);
    world.resolve(request, &["shop"]).await;
    assert_eq!(world.job_state(request, Right::Access).await, JobState::Running);
    world.assert_audit_whole().await;
}

async fn announcements_follow_commits(world: World) {
    let mut heard = world.ledger.announcements();
    let request = world.accepted(&[Right::Access]).await;
    let told = [heard.recv().await.unwrap().queue, heard.recv().await.unwrap().queue];
    assert_eq!(told, ["habeas.mail", "habeas.challenge"]);
    let kept = world.ledger.unpublished(std::time::Duration::ZERO, 10).await.unwrap();
    assert_eq!(kept.len(), 2, "until the queue confirms");
    let ids: Vec<_> = kept.iter().map(|message| message.id).collect();
    world.ledger.published(&ids).await.unwrap();
    assert!(world.ledger.unpublished(std::time::Duration::ZERO, 10).await.unwrap().is_empty());
    let due = world.ledger.due(std::time::Duration::ZERO, 10).await.unwrap();
    assert_eq!(due.len(), 2, "the truth is announced again without the outbox");
    let all: Vec<_> = world.waiting(request, WorkKind::Mail).await;
    world.ledger.claim(&all, world.worker(), LEASE).await.unwrap();
    assert_eq!(
        world.ledger.due(std::time::Duration::ZERO, 10).await.unwrap().len(),
        1,
        "what is held is not due"
    );
}
