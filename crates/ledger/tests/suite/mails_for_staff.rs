//! Mails that wait for staff: what lists show, what is decided once, one by one or many at a time, and what is destroyed.

use std::time::Duration;

use chrono::TimeDelta;
use habeas_domain::{
    Actor, ReceivedMailId,
    received_mail::{ReceivedMailState, SenderAuthentication},
    text::FreeText,
};
use habeas_ledger::{
    LedgerError, MailContent, MailDecision, MailVerdict, ManyMails, NewReceivedMail, ReceivedMailFilter,
};

use crate::{
    mails::{claim, decision, mail, place, request, store},
    samples::{LEASE, staff},
    world::{World, start},
};

on_both!(
    staff_decide_once,
    lists_show_states_and_nobody,
    what_was_set_aside_is_destroyed_in_time,
    what_was_left_there_has_a_last_day_and_is_told_near_it,
    many_are_decided_by_what_they_have_in_common,
);

async fn staff_decide_once(world: World) {
    let ledger = &world.ledger;
    let mail = store(&world, "a").await;
    let id = request(&world).await;
    assert!(
        matches!(ledger.may_accept_mail(mail).await, Err(LedgerError::Illegal(_))),
        "it is still being read"
    );
    let claimed = claim(&world).await;
    ledger.decide_mails(vec![decision(&claimed, MailVerdict::Proposed(None))]).await.unwrap();
    let reason = FreeText::parse("Hanako called: a mistake").unwrap();
    ledger.dismiss_mail(mail, &reason, staff(1)).await.unwrap();
    let note = ledger.read_mail(mail).await.unwrap().note.unwrap();
    assert_eq!(note.expose(), "Hanako called: a mistake");
    ledger.read_mail_again(mail, staff(1)).await.unwrap();
    let again = claim(&world).await;
    assert_eq!(again.attempts, 1);
    ledger.decide_mails(vec![decision(&again, MailVerdict::Proposed(None))]).await.unwrap();
    ledger.mail_seen(mail, staff(1), "raw").await.unwrap();
    ledger.may_accept_mail(mail).await.unwrap();
    ledger.accept_mail(mail, id, staff(1)).await.unwrap();
    assert!(matches!(ledger.file_mail(mail, id, staff(2)).await, Err(LedgerError::Illegal(_))));
    assert!(matches!(ledger.dismiss_mail(mail, &reason, staff(2)).await, Err(LedgerError::Illegal(_))));
    let events = "SELECT COUNT(*) AS n FROM audit WHERE event LIKE 'mail-%'";
    assert_eq!(world.number(events).await, 5, "dismissed, read again, seen, and taken on both chains");
    assert!(ledger.verify_audit(|_| ()).await.unwrap().breaks.is_empty());
}

async fn lists_show_states_and_nobody(world: World) {
    let ledger = &world.ledger;
    for text in ["a", "b", "c"] {
        store(&world, text).await;
    }
    let claimed = claim(&world).await;
    ledger.decide_mails(vec![decision(&claimed, MailVerdict::Proposed(None))]).await.unwrap();
    let all = ReceivedMailFilter::default();
    let page = ledger.list_mails(&all, None, 2).await.unwrap();
    let rest = ledger.list_mails(&all, page.next, 2).await.unwrap();
    assert_eq!((page.items.len(), rest.items.len(), rest.next), (2, 1, None));
    let proposals =
        ReceivedMailFilter { state: Some(ReceivedMailState::Proposal), ..ReceivedMailFilter::default() };
    let found = ledger.list_mails(&proposals, None, 10).await.unwrap().items;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].authentication, Some(SenderAuthentication::Aligned));
    let counted = ledger.waiting_mails().await.unwrap().map(|one| one.count);
    assert_eq!(counted, [2, 1, 0, 0], "stored, proposals, parked, replies");
}

async fn what_was_set_aside_is_destroyed_in_time(world: World) {
    let ledger = &world.ledger;
    let kept = store(&world, "waits for staff").await;
    let claimed = claim(&world).await;
    ledger.decide_mails(vec![decision(&claimed, MailVerdict::Proposed(None))]).await.unwrap();
    let gone = store(&world, "nothing to do with us").await;
    let claimed = claim(&world).await;
    ledger.decide_mails(vec![decision(&claimed, MailVerdict::SetAside)]).await.unwrap();
    world.clock.advance(TimeDelta::days(91));
    let before = start() + TimeDelta::days(90);
    assert_eq!(ledger.purge_mails(before, 10).await.unwrap(), 1);
    assert_eq!(ledger.purge_mails(before, 10).await.unwrap(), 0);
    assert!(matches!(ledger.raw_mail(gone).await, Err(LedgerError::Erased)));
    assert!(ledger.mail_view(gone).await.unwrap().erased);
    assert!(ledger.read_mail_again(gone, Actor::System).await.is_err());
    assert_eq!(ledger.raw_mail(kept).await.unwrap().expose(), b"waits for staff");
    assert_eq!(world.number("SELECT COUNT(*) AS n FROM received_content").await, 1);
    // It is still known: nothing is taken twice because it was forgotten.
    assert!(ledger.store_mails(&[mail("nothing to do with us", None)], None).await.unwrap()[0].known);
}

fn left_there(uid: u32, reason: &str) -> NewReceivedMail {
    let content = MailContent::LeftThere { bytes: 99_000_000, reason: reason.to_owned(), header: None };
    NewReceivedMail { content, ..mail("", Some(place(1, uid))) }
}

async fn what_was_left_there_has_a_last_day_and_is_told_near_it(world: World) {
    let ledger = &world.ledger;
    let mails = [left_there(1, "larger than 40 MB"), mail("a", Some(place(1, 2)))];
    let left = ledger.store_mails(&mails, None).await.unwrap()[0].id;
    assert_eq!(ledger.undated_mails().await.unwrap(), [(left, start())], "the other one is the worker's");
    let due_at = start() + TimeDelta::days(28);
    ledger.date_mail(left, due_at).await.unwrap();
    ledger.date_mail(left, due_at + TimeDelta::days(99)).await.unwrap();
    assert_eq!(ledger.mail_view(left).await.unwrap().due_at, Some(due_at), "the first one counts");
    assert!(ledger.undated_mails().await.unwrap().is_empty());
    let ahead = |days: u64| Duration::from_hours(24 * days);
    assert!(ledger.report_mails_near_due(ahead(20), 10).await.unwrap().is_empty());
    let told = ledger.report_mails_near_due(ahead(30), 10).await.unwrap();
    assert_eq!(told.iter().map(|one| one.mail).collect::<Vec<_>>(), [left]);
    assert_eq!(ledger.mails_by_due().await.unwrap().later, 1);
    let why = FreeText::parse("advertising").unwrap();
    ledger.dismiss_mail(left, &why, Actor::System).await.unwrap();
    assert_eq!(ledger.mail_view(left).await.unwrap().due_at, None, "nobody waits for an answer to it");
}

async fn many_are_decided_by_what_they_have_in_common(world: World) {
    let ledger = &world.ledger;
    let mut mails =
        vec![left_there(1, "larger than 100% of it"), left_there(2, "the server did not give it")];
    mails.extend((0..3).map(|n| mail(&format!("poison {n}"), None)));
    let ids: Vec<ReceivedMailId> =
        ledger.store_mails(&mails, None).await.unwrap().iter().map(|one| one.id).collect();
    for claimed in ledger.claim_mails(10, LEASE).await.unwrap() {
        let parked = MailDecision { reading: None, ..decision(&claimed, MailVerdict::Parked) };
        let parked = MailDecision { reason: "it was given up after 8 attempts".to_owned(), ..parked };
        ledger.decide_mails(vec![parked]).await.unwrap();
    }
    let holds = |words: &str| ReceivedMailFilter {
        reason_holds: Some(words.to_owned()),
        ..ReceivedMailFilter::default()
    };
    let given_up = holds("Given up");
    assert_eq!(ledger.count_mails_for(ManyMails::ReadAgain, &given_up).await.unwrap(), 3);
    let before = ReceivedMailFilter { before: Some(start()), ..given_up.clone() };
    assert_eq!(
        ledger.count_mails_for(ManyMails::ReadAgain, &before).await.unwrap(),
        0,
        "they came just then"
    );
    assert_eq!(ledger.do_to_mails(ManyMails::ReadAgain, &given_up, staff(1)).await.unwrap(), 3);
    let state = async |id| ledger.mail_view(id).await.unwrap().state;
    assert_eq!(state(ids[2]).await, ReceivedMailState::Stored);
    assert_eq!(
        ledger.do_to_mails(ManyMails::ReadAgain, &holds("larger"), staff(1)).await.unwrap(),
        0,
        "left there"
    );
    let reason = FreeText::parse("too large for us").unwrap();
    let dismiss = ManyMails::Dismiss(&reason);
    for (words, count) in [("100_", 0), ("0% OF", 1)] {
        assert_eq!(ledger.count_mails_for(dismiss, &holds(words)).await.unwrap(), count, "{words}");
    }
    assert_eq!(ledger.do_to_mails(dismiss, &holds("0% of"), staff(1)).await.unwrap(), 1);
    assert_eq!(state(ids[0]).await, ReceivedMailState::Ignored);
    assert_eq!(state(ids[1]).await, ReceivedMailState::Parked, "the other one still waits");
    assert!(ledger.verify_audit(|_| ()).await.unwrap().breaks.is_empty());
}
