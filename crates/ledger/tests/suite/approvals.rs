//! Who may let a job run, and what an approval is bound to.

use habeas_domain::{
    JobState, Personal, Right, WorkKind,
    approval::{ApprovalPolicy, ApprovalRefused},
};
use habeas_ledger::{ApproveOutcome, LedgerError, Planned, PlannedJob, Purpose, WaitsFor};
use serde_json::json;

use crate::{
    steps::{challenge, hash, new_request, plan, staff, with_policy},
    world::World,
};

on_both!(
    four_eyes_are_two_people,
    nobody_approves_their_own_request,
    an_approval_of_another_plan_does_not_count,
    a_plan_made_anew_takes_earlier_approvals_away,
    a_plan_that_staff_withdrew_is_not_begun_with_again,
    a_resolve_under_way_ends_with_the_plan_that_it_began_with,
    a_new_address_is_confirmed_before_the_job_runs,
    two_approvals_at_once_start_the_job_once,
);

async fn four_eyes(world: &World) -> habeas_domain::RequestId {
    let new = with_policy(new_request("hanako@example.jp", &[Right::Deletion]), ApprovalPolicy::FourEyes);
    let request = world.accept(new).await;
    world.prove(request).await;
    world.resolve(request, &["shop"]).await;
    request
}

async fn four_eyes_are_two_people(world: World) {
    let request = four_eyes(&world).await;
    let job = world.job(request, Right::Deletion).await.id;
    let first = world.ledger.approve(job, staff(2), hash(1)).await.unwrap();
    assert_eq!(first, ApproveOutcome::Counted { missing: 1 });
    let again = world.ledger.approve(job, staff(2), hash(1)).await.unwrap_err();
    assert!(matches!(again, LedgerError::Approval(ApprovalRefused::SamePersonTwice)), "{again}");
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::AwaitingApproval);
    let second = world.ledger.approve(job, staff(3), hash(1)).await.unwrap();
    assert_eq!(second, ApproveOutcome::Approved);
    let view = world.job(request, Right::Deletion).await;
    assert_eq!(view.state, JobState::Running);
    assert_eq!(view.approvals.len(), 2);
    assert!(view.approvals.iter().all(|approval| approval.counts));
    world.assert_audit_whole().await;
}

async fn nobody_approves_their_own_request(world: World) {
    let request = world.resolved(&[Right::Deletion], &["shop"]).await;
    let job = world.job(request, Right::Deletion).await.id;
    let own = world.ledger.approve(job, staff(1), hash(1)).await.unwrap_err();
    assert!(matches!(own, LedgerError::Approval(ApprovalRefused::OwnRequest)), "{own}");
    let subject = world.ledger.approve(job, habeas_domain::Actor::Subject, hash(1)).await.unwrap_err();
    assert!(matches!(subject, LedgerError::Approval(ApprovalRefused::NotStaff)), "{subject}");
    assert!(world.job(request, Right::Deletion).await.approvals.is_empty());
}

async fn an_approval_of_another_plan_does_not_count(world: World) {
    let request = world.resolved(&[Right::Deletion], &["shop"]).await;
    let job = world.job(request, Right::Deletion).await.id;
    let stale = world.ledger.approve(job, staff(2), hash(9)).await.unwrap_err();
    assert!(matches!(stale, LedgerError::Approval(ApprovalRefused::PlanChanged)), "{stale}");
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::AwaitingApproval);
}

async fn a_plan_made_anew_takes_earlier_approvals_away(world: World) {
    let request = four_eyes(&world).await;
    let job = world.job(request, Right::Deletion).await.id;
    world.ledger.approve(job, staff(2), hash(1)).await.unwrap();
    world.ledger.replan(job, staff(3)).await.unwrap();
    let view = world.view(request).await;
    assert_eq!(view.jobs[0].state, JobState::AwaitingPlan);
    assert!(view.waits_for.contains(&WaitsFor::Worker));
    let claimed = world.claim_one(request, WorkKind::Resolve).await;
    world.planned(request, claimed.lease, &["shop", "crm"], hash(2)).await;
    assert!(!world.job(request, Right::Deletion).await.approvals[0].counts);
    let one = world.ledger.approve(job, staff(3), hash(2)).await.unwrap();
    assert_eq!(one, ApproveOutcome::Counted { missing: 1 }, "the approval of the old plan is gone");
    assert_eq!(world.ledger.approve(job, staff(2), hash(2)).await.unwrap(), ApproveOutcome::Approved);
    assert_eq!(world.waiting(request, WorkKind::Task).await.len(), 2);
    assert!(world.ledger.replan(job, staff(3)).await.is_err(), "not once it runs");
}

/// Whether the next resolve begins with what the plan of this deletion had found.
async fn plan_is_known(world: &World, request: habeas_domain::RequestId) -> bool {
    let jobs = world.ledger.jobs_to_plan(&[request]).await.unwrap();
    jobs.into_values().next().unwrap().plan.is_some()
}

async fn a_plan_that_staff_withdrew_is_not_begun_with_again(world: World) {
    let request = world.resolved(&[Right::Deletion], &["shop"]).await;
    let job = world.job(request, Right::Deletion).await.id;
    world.ledger.replan(job, staff(3)).await.unwrap();
    assert!(!plan_is_known(&world, request).await);
    let warned = world.ledger.jobs_to_run(&[job]).await.unwrap();
    assert!(warned[&job].plan.is_some(), "who was warned by it is known");
    let claimed = world.claim_one(request, WorkKind::Resolve).await;
    world.planned(request, claimed.lease, &["shop"], hash(2)).await;
    world.approve(request, Right::Deletion, staff(2)).await;
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::Running);
    world.assert_audit_whole().await;
}

/// It read the plan before that was withdrawn.
async fn a_resolve_under_way_ends_with_the_plan_that_it_began_with(world: World) {
    let request = world.accepted(&[Right::Deletion]).await;
    world.prove(request).await;
    let old = world.claim_one(request, WorkKind::Resolve).await;
    let job = world.job(request, Right::Deletion).await.id;
    world.ledger.replan(job, staff(3)).await.unwrap();
    world.planned(request, old.lease, &["shop"], hash(1)).await;
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::AwaitingPlan);
    let claimed = world.claim_one(request, WorkKind::Resolve).await;
    world.planned(request, claimed.lease, &["shop"], hash(2)).await;
    assert_eq!(world.job(request, Right::Deletion).await.plan_hash, Some(hash(2)));
    world.assert_audit_whole().await;
}

async fn a_new_address_is_confirmed_before_the_job_runs(world: World) {
    let request = world.accepted(&[Right::Correction]).await;
    world.prove(request).await;
    let claimed = world.claim_one(request, WorkKind::Resolve).await;
    let job = world.job(request, Right::Correction).await.id;
    let confirmation = challenge(&world, Purpose::NewAddress, "none");
    let token = confirmation.link.unwrap().0;
    let planned = Planned {
        lease: claimed.lease,
        request,
        keys: Personal::new(json!({})),
        jobs: vec![PlannedJob {
            job,
            hash: hash(1),
            plan: plan(&["shop"]),
            confirmations: vec![confirmation],
        }],
        referrals: Vec::new(),
        removes: Vec::new(),
        again: false,
    };
    world.ledger.planned(vec![planned]).await.unwrap();
    let view = world.job(request, Right::Correction).await;
    assert_eq!(view.waits_for, [WaitsFor::StaffApproval, WaitsFor::AddressConfirmation]);
    let approved = world.ledger.approve(job, staff(2), hash(1)).await.unwrap();
    assert_eq!(approved, ApproveOutcome::AwaitingConfirmation);
    assert_eq!(world.job_state(request, Right::Correction).await, JobState::AwaitingApproval);
    let record = world.ledger.challenge_by_token(&token).await.unwrap().unwrap();
    assert!(world.ledger.prove(record.id).await.unwrap());
    assert_eq!(world.job_state(request, Right::Correction).await, JobState::Running);
    world.assert_audit_whole().await;
}

async fn two_approvals_at_once_start_the_job_once(world: World) {
    let request = four_eyes(&world).await;
    let job = world.job(request, Right::Deletion).await.id;
    let approvals = (2..6).map(|n| {
        let ledger = world.ledger.clone();
        tokio::spawn(async move { ledger.approve(job, staff(n), hash(1)).await })
    });
    let mut outcomes = Vec::new();
    for approval in approvals.collect::<Vec<_>>() {
        outcomes.push(approval.await.unwrap());
    }
    let started = outcomes.iter().filter(|one| matches!(one, Ok(ApproveOutcome::Approved))).count();
    assert_eq!(started, 1, "{outcomes:?}");
    assert_eq!(world.waiting(request, WorkKind::Task).await.len(), 1);
    world.assert_audit_whole().await;
}
