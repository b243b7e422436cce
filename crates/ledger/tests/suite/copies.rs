//! The copy comes before the deletion.

use habeas_domain::{JobState, Outcome, Right, WorkKind};
use habeas_ledger::WaitsFor;

use crate::{steps::staff, world::World};

on_both!(
    deletion_starts_only_when_the_copy_is_with_the_person,
    two_copies_are_both_awaited,
    a_refused_copy_is_awaited_no_longer,
    a_deletion_approved_late_need_not_wait,
    a_copy_made_in_part_is_for_staff_to_look_at,
    a_copy_that_came_back_holds_the_deletion_up_to_its_last_moment,
    a_correction_goes_between_the_copy_and_the_deletion,
    a_correction_that_nobody_confirms_holds_no_deletion_up,
);

async fn deletion_starts_only_when_the_copy_is_with_the_person(world: World) {
    let request = world.resolved(&[Right::Access, Right::Deletion], &["shop"]).await;
    world.approve(request, Right::Deletion, staff(2)).await;
    let waits = world.job(request, Right::Deletion).await;
    assert_eq!((waits.state, waits.waits_for), (JobState::AwaitingCopy, vec![WaitsFor::CopyDelivery]));
    world.send_mails(request).await;
    world.finish_tasks(request).await;
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::AwaitingCopy, "copied, not told");
    world.conclude(request, Outcome::Done).await;
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::AwaitingCopy, "told, not sent");
    assert!(world.waiting(request, WorkKind::Task).await.is_empty());
    assert_eq!(world.send_mails(request).await, ["job-done"]);
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::Running);
    world.finish_tasks(request).await;
    world.conclude(request, Outcome::Done).await;
    assert_eq!(world.view(request).await.outcome, Some(Outcome::Done));
    world.assert_audit_whole().await;
}

async fn two_copies_are_both_awaited(world: World) {
    let request = world.resolved(&[Right::Access, Right::Portability, Right::Deletion], &["shop"]).await;
    world.approve(request, Right::Deletion, staff(2)).await;
    world.finish_tasks(request).await;
    world.conclude(request, Outcome::Done).await;
    let claimed = world.claim(request, WorkKind::Mail).await;
    let mails = world.ledger.mails_to_send(&claimed).await.unwrap();
    let copies: Vec<_> = mails
        .iter()
        .filter(|mail| mail.letter.kind() == "job-done")
        .map(|mail| (mail.lease, mail.request, mail.id))
        .collect();
    assert_eq!(copies.len(), 2);
    world.ledger.mails_sent(&copies[..1]).await.unwrap();
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::AwaitingCopy);
    world.ledger.mails_sent(&copies[1..]).await.unwrap();
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::Running);
}

async fn a_refused_copy_is_awaited_no_longer(world: World) {
    let policy = habeas_domain::approval::ApprovalPolicy::OnePerson;
    let new = crate::steps::new_request("hanako@example.jp", &[Right::Access, Right::Deletion]);
    let request = world.accept(crate::steps::with_policy(new, policy)).await;
    world.prove(request).await;
    world.resolve(request, &["shop"]).await;
    world.approve(request, Right::Deletion, staff(2)).await;
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::AwaitingCopy);
    let access = world.job(request, Right::Access).await.id;
    world.ledger.refuse(access, crate::withdrawal::refusal(), staff(2)).await.unwrap();
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::Running);
    assert_eq!(world.waiting(request, WorkKind::Task).await.len(), 1);
}

async fn a_deletion_approved_late_need_not_wait(world: World) {
    let request = world.resolved(&[Right::Access, Right::Deletion], &["shop"]).await;
    world.finish_tasks(request).await;
    world.conclude(request, Outcome::Done).await;
    world.send_mails(request).await;
    world.approve(request, Right::Deletion, staff(2)).await;
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::Running);
}

async fn a_copy_made_in_part_is_for_staff_to_look_at(world: World) {
    let request = world.resolved(&[Right::Access, Right::Deletion], &["shop"]).await;
    world.approve(request, Right::Deletion, staff(2)).await;
    let deletion = world.job(request, Right::Deletion).await.id;
    world.finish_tasks(request).await;
    world.conclude(request, Outcome::PartlyDone).await;
    world.send_mails(request).await;
    let waits = world.job(request, Right::Deletion).await;
    assert_eq!((waits.state, waits.waits_for), (JobState::AwaitingCopy, vec![WaitsFor::StaffCopy]));
    world.ledger.confirm_copy(deletion, staff(2)).await.unwrap();
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::Running);
    assert!(world.ledger.confirm_copy(deletion, staff(2)).await.is_err(), "once");
    world.assert_audit_whole().await;
}

/// The mail server took it, and said days later that there is no such mailbox.
async fn a_copy_that_came_back_holds_the_deletion_up_to_its_last_moment(world: World) {
    let request = world.resolved(&[Right::Access, Right::Deletion], &["shop"]).await;
    world.finish_tasks(request).await;
    world.conclude(request, Outcome::Done).await;
    world.send_mails(request).await;
    let mails = world.view(request).await.mails;
    let told = mails.iter().find(|mail| mail.kind == "job-done").unwrap().id;
    world.ledger.mail_bounced(told, Some("5.1.1"), true).await.unwrap();
    world.approve(request, Right::Deletion, staff(2)).await;
    let waits = world.job(request, Right::Deletion).await;
    assert_eq!((waits.state, waits.waits_for), (JobState::AwaitingCopy, vec![WaitsFor::StaffCopy]));
    world.ledger.confirm_copy(waits.id, staff(2)).await.unwrap();
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::Running);
}

async fn a_correction_goes_between_the_copy_and_the_deletion(world: World) {
    let request = world.resolved(&[Right::Access, Right::Correction, Right::Deletion], &["shop"]).await;
    world.approve(request, Right::Correction, staff(2)).await;
    world.approve(request, Right::Deletion, staff(3)).await;
    assert_eq!(world.job_state(request, Right::Correction).await, JobState::AwaitingCopy);
    world.finish_tasks(request).await;
    world.conclude(request, Outcome::Done).await;
    assert_eq!(world.job_state(request, Right::Correction).await, JobState::Running, "the copy is made");
    world.send_mails(request).await;
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::AwaitingCopy);
    world.finish_tasks(request).await;
    world.conclude(request, Outcome::Done).await;
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::AwaitingPlan, "by a plan of now");
    world.resolve(request, &["shop"]).await;
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::Running);
    world.assert_audit_whole().await;
}

/// Its plan is made, and the person never follows the link to the new address: the deletion does not wait for that. Once
/// it has begun, the correction comes after it.
async fn a_correction_that_nobody_confirms_holds_no_deletion_up(world: World) {
    let request = world.resolved(&[Right::Correction, Right::Deletion], &["shop"]).await;
    world.run("UPDATE job SET unconfirmed = 1 WHERE \"right\" = 'correction'").await;
    world.approve(request, Right::Deletion, staff(3)).await;
    assert_eq!(world.job_state(request, Right::Deletion).await, JobState::Running);
    world.run("UPDATE job SET unconfirmed = 0").await;
    world.approve(request, Right::Correction, staff(2)).await;
    assert_eq!(world.job_state(request, Right::Correction).await, JobState::AwaitingCopy);
    world.finish_tasks(request).await;
    world.conclude(request, Outcome::Done).await;
    assert_eq!(world.job_state(request, Right::Correction).await, JobState::Running);
}
