//! Replies: each is to be read by staff, and one that takes its request back halts what cannot be undone until it was.

use std::time::Duration;

use chrono::TimeDelta;
use habeas_domain::{
    Actor, JobState, ReceivedMailId, RequestId, Right,
    received_mail::{ReceivedMailState, ReplyWord, Verdict},
    text::FreeText,
};
use habeas_ledger::{
    ForStaff, LedgerError, MailDecision, MailReading, MailVerdict, NewReceivedMail, ReceivedMailFilter,
    WaitingState, WaitsFor,
};

use crate::{
    mails::{claim, decision, mail, reading},
    steps::{purge_closed, staff},
    world::{World, start},
};

on_both!(
    a_reply_is_to_be_read_and_shows_until_it_was,
    a_reply_that_takes_back_halts_a_deletion_until_it_is_read,
    a_reply_before_the_proof_halts_the_deletion_after_it,
    a_proposal_that_takes_back_halts_until_it_is_decided,
    of_two_replies_both_are_read,
    a_reply_to_a_closed_request_is_read_and_erased_in_time,
    a_reply_outlives_its_request_until_it_is_read,
    what_waits_is_counted_by_age_and_day,
    a_mail_near_its_day_is_reported_once,
    what_is_erased_waits_for_nobody,
);

fn reply(says: Option<ReplyWord>) -> ForStaff {
    ForStaff { to_read: true, says, due_at: None }
}

/// A mail that came in and was decided.
async fn decided(world: &World, text: &str, verdict: MailVerdict, for_staff: ForStaff) -> ReceivedMailId {
    let mail = NewReceivedMail { received_at: world.ledger.ids().now(), ..mail(text, None) };
    let stored = world.ledger.store_mails(&[mail], None).await.unwrap()[0];
    let reading = MailReading { message_id: None, ..reading(Verdict::Reply) };
    let decided = decision(&claim(world).await, verdict);
    let decision = MailDecision { reading: Some(reading), answers: false, for_staff, ..decided };
    world.ledger.decide_mails(vec![decision]).await.unwrap();
    stored.id
}

impl World {
    /// A deletion that waits for its approval.
    async fn deletion_to_approve(&self) -> RequestId {
        self.resolved(&[Right::Deletion], &["shop"]).await
    }

    async fn deletion_state(&self, request: RequestId) -> JobState {
        self.job_state(request, Right::Deletion).await
    }

    async fn begun_after_grace(&self) -> u64 {
        self.ledger.start_after_grace(100).await.unwrap()
    }
}

async fn a_reply_is_to_be_read_and_shows_until_it_was(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    let filed = MailVerdict::Filed(request);
    decided(&world, "a report", filed.clone(), ForStaff::default()).await;
    assert!(!world.view(request).await.waits_for.contains(&WaitsFor::StaffReply), "machines are not read");
    let mail = decided(&world, "it was my husband's account", filed, reply(None)).await;
    assert!(world.view(request).await.waits_for.contains(&WaitsFor::StaffReply));
    let unread = ReceivedMailFilter { unread: true, ..ReceivedMailFilter::default() };
    let listed = world.ledger.list_mails(&unread, None, 10).await.unwrap().items;
    assert_eq!(listed.iter().map(|mail| mail.id).collect::<Vec<_>>(), [mail]);
    world.ledger.mail_read(mail, staff(1)).await.unwrap();
    world.ledger.mail_read(mail, staff(2)).await.unwrap();
    assert!(world.ledger.list_mails(&unread, None, 10).await.unwrap().items.is_empty());
    assert!(!world.view(request).await.waits_for.contains(&WaitsFor::StaffReply));
    assert_eq!(world.number("SELECT COUNT(*) AS n FROM audit WHERE event = 'mail-read'").await, 1);
    world.assert_audit_whole().await;
}

async fn a_reply_that_takes_back_halts_a_deletion_until_it_is_read(world: World) {
    let request = world.deletion_to_approve().await;
    let says = Some(ReplyWord::TakesBack);
    let mail = decided(&world, "do not delete", MailVerdict::Filed(request), reply(says)).await;
    world.approve(request, Right::Deletion, staff(2)).await;
    assert_eq!(world.deletion_state(request).await, JobState::AwaitingGrace);
    world.clock.advance(TimeDelta::minutes(1));
    assert_eq!(world.begun_after_grace().await, 0, "nobody has read it");
    let view = world.view(request).await;
    assert!(view.waits_for.contains(&WaitsFor::StaffReply), "{:?}", view.waits_for);
    assert_eq!(view.received[0].says, says);
    world.ledger.mail_read(mail, staff(1)).await.unwrap();
    assert_eq!((world.begun_after_grace().await, world.begun_after_grace().await), (1, 0));
    assert_eq!(world.deletion_state(request).await, JobState::Running);
    let events = world.events(request).await;
    assert!(events.contains(&"halted".to_owned()) && events.contains(&"goes-on".to_owned()), "{events:?}");
    world.assert_audit_whole().await;
}

async fn a_reply_before_the_proof_halts_the_deletion_after_it(world: World) {
    let request = world.accepted(&[Right::Access, Right::Deletion]).await;
    let mail = decided(&world, "not me", MailVerdict::Filed(request), reply(Some(ReplyWord::Disowns))).await;
    world.prove(request).await;
    world.resolve(request, &["shop"]).await;
    assert_eq!(world.job_state(request, Right::Access).await, JobState::Running, "a copy takes nothing away");
    world.finish_tasks(request).await;
    world.conclude(request, habeas_domain::Outcome::Done).await;
    world.approve(request, Right::Deletion, staff(2)).await;
    assert_eq!(world.deletion_state(request).await, JobState::AwaitingCopy);
    world.send_mails(request).await;
    assert_eq!(world.deletion_state(request).await, JobState::AwaitingGrace);
    assert_eq!(world.begun_after_grace().await, 0);
    world.ledger.mail_read(mail, staff(1)).await.unwrap();
    assert_eq!(world.begun_after_grace().await, 1);
}

async fn a_proposal_that_takes_back_halts_until_it_is_decided(world: World) {
    let request = world.deletion_to_approve().await;
    let proposed = MailVerdict::Proposed(Some(request));
    let says = reply(Some(ReplyWord::TakesBack));
    let mail = decided(&world, "send a copy, do not delete", proposed, says).await;
    world.approve(request, Right::Deletion, staff(2)).await;
    let read = world.ledger.mail_read(mail, staff(1)).await;
    assert!(matches!(read, Err(LedgerError::NotFound(_))), "it is to be decided");
    assert_eq!(world.begun_after_grace().await, 0);
    let reason = FreeText::parse("she means the other account").unwrap();
    world.ledger.dismiss_mail(mail, &reason, staff(1)).await.unwrap();
    assert_eq!(world.begun_after_grace().await, 1);
}

async fn of_two_replies_both_are_read(world: World) {
    let request = world.deletion_to_approve().await;
    let filed = MailVerdict::Filed(request);
    let first = decided(&world, "wait", filed.clone(), reply(Some(ReplyWord::TakesBack))).await;
    let second = decided(&world, "please wait", filed, reply(Some(ReplyWord::TakesBack))).await;
    world.approve(request, Right::Deletion, staff(2)).await;
    world.ledger.mail_read(first, staff(1)).await.unwrap();
    assert_eq!(world.begun_after_grace().await, 0);
    world.ledger.mail_read(second, staff(1)).await.unwrap();
    assert_eq!(world.begun_after_grace().await, 1);
}

async fn a_reply_to_a_closed_request_is_read_and_erased_in_time(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    world.ledger.withdraw(request, Actor::Subject).await.unwrap();
    let later = start() + TimeDelta::days(1);
    assert_eq!(purge_closed(&world, later).await, 1);
    let says = reply(Some(ReplyWord::TakesBack));
    let mail = decided(&world, "and my bill?", MailVerdict::Filed(request), says).await;
    assert!(world.view(request).await.waits_for.contains(&WaitsFor::StaffReply));
    let view = world.ledger.mail_view(mail).await.unwrap();
    assert!(view.unread && !view.erased);
    let ledger = &world.ledger;
    assert_eq!(ledger.purge_late_mails(start(), 10).await.unwrap(), 0, "nobody has read it");
    ledger.mail_read(mail, staff(1)).await.unwrap();
    assert_eq!(ledger.purge_late_mails(start(), 10).await.unwrap(), 1);
    assert_eq!(ledger.purge_late_mails(start(), 10).await.unwrap(), 0);
    assert!(matches!(ledger.raw_mail(mail).await, Err(LedgerError::Erased)));
    // One that nobody ever reads goes in the end.
    let unread = decided(&world, "hello?", MailVerdict::Filed(request), reply(None)).await;
    assert_eq!(ledger.purge_late_mails(later + TimeDelta::days(90), 10).await.unwrap(), 1);
    let view = ledger.mail_view(unread).await.unwrap();
    assert!(view.erased && !view.unread);
}

/// The end of a request's retention is no reason to destroy what its person has just written.
async fn a_reply_outlives_its_request_until_it_is_read(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    world.ledger.withdraw(request, Actor::Subject).await.unwrap();
    let filed = MailVerdict::Filed(request);
    let read = decided(&world, "thank you", filed.clone(), reply(None)).await;
    world.ledger.mail_read(read, staff(1)).await.unwrap();
    let machine = decided(&world, "a report", filed.clone(), ForStaff::default()).await;
    let unread = decided(&world, "I did not take it back", filed, reply(None)).await;
    assert_eq!(purge_closed(&world, start() + TimeDelta::days(1)).await, 1);
    for gone in [read, machine] {
        assert!(world.ledger.mail_view(gone).await.unwrap().erased);
    }
    let view = world.ledger.mail_view(unread).await.unwrap();
    assert!(view.unread && !view.erased);
    assert!(world.view(request).await.waits_for.contains(&WaitsFor::StaffReply));
    assert!(world.ledger.raw_mail(unread).await.is_ok());
    world.ledger.mail_read(unread, staff(1)).await.unwrap();
    assert_eq!(world.ledger.purge_late_mails(start(), 10).await.unwrap(), 1);
}

async fn what_waits_is_counted_by_age_and_day(world: World) {
    let request = world.accepted(&[Right::Access]).await;
    let day = |days| ForStaff { due_at: Some(start() + TimeDelta::days(days)), ..ForStaff::default() };
    decided(&world, "a", MailVerdict::Proposed(None), day(2)).await;
    decided(&world, "b", MailVerdict::Parked, day(30)).await;
    decided(&world, "c", MailVerdict::Filed(request), reply(None)).await;
    decided(&world, "d", MailVerdict::SetAside, day(1)).await;
    world.clock.advance(TimeDelta::hours(1));
    let counted = world.ledger.waiting_mails().await.unwrap();
    let found = counted.map(|one| (one.state, one.count, one.oldest));
    let hour = Duration::from_hours(1);
    assert_eq!(
        found,
        [
            (WaitingState::Stored, 0, Duration::ZERO),
            (WaitingState::Proposal, 1, hour),
            (WaitingState::Parked, 1, hour),
            (WaitingState::Reply, 1, hour),
        ]
    );
    let due = world.ledger.mails_by_due().await.unwrap();
    assert_eq!((due.overdue, due.within_72h, due.within_7d, due.later), (0, 1, 0, 1));
}

async fn a_mail_near_its_day_is_reported_once(world: World) {
    let day = |days| ForStaff { due_at: Some(start() + TimeDelta::days(days)), ..ForStaff::default() };
    let second = decided(&world, "a", MailVerdict::Proposed(None), day(2)).await;
    let first = decided(&world, "b", MailVerdict::Parked, day(1)).await;
    decided(&world, "c", MailVerdict::Proposed(None), day(9)).await;
    let ahead = Duration::from_hours(72);
    let near = world.ledger.report_mails_near_due(ahead, 10).await.unwrap();
    assert_eq!(near.iter().map(|one| one.mail).collect::<Vec<_>>(), [first, second]);
    assert_eq!(near[0].state, ReceivedMailState::Parked);
    assert!(world.ledger.report_mails_near_due(ahead, 10).await.unwrap().is_empty(), "once");
    world.clock.advance(TimeDelta::days(7));
    assert_eq!(world.ledger.report_mails_near_due(ahead, 10).await.unwrap().len(), 1);
    world.assert_audit_whole().await;
}

async fn what_is_erased_waits_for_nobody(world: World) {
    let mail = decided(&world, "a", MailVerdict::Parked, ForStaff::default()).await;
    assert_eq!(world.ledger.purge_mails(start() + TimeDelta::days(1), 10).await.unwrap(), 1);
    let counted = world.ledger.waiting_mails().await.unwrap();
    assert!(counted.iter().all(|one| one.count == 0), "{counted:?}");
    let reason = FreeText::parse("gone").unwrap();
    world.ledger.dismiss_mail(mail, &reason, staff(1)).await.unwrap();
    assert_eq!(world.ledger.mail_view(mail).await.unwrap().state, ReceivedMailState::Ignored);
}
