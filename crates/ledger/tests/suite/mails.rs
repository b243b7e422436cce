//! Mails that come in: stored once, read under a lease, decided once, answered so often.

use std::time::Duration;

use chrono::TimeDelta;
use habeas_domain::{
    EmailAddress, Language, Personal, ReceivedMailId, RequestId, Right,
    received_mail::{ReceivedMailState, SenderAuthentication, Verdict},
};
use habeas_ledger::{
    ClaimedMail, ForStaff, FormOrder, MailContent, MailDecision, MailPlace, MailReading, MailVerdict,
    MailboxPlace, MailboxPosition, MailboxStanding, NewReceivedMail, PutBack,
};
use habeas_test_support::wait;
use serde_json::json;

use crate::{
    samples::{LEASE, new_request},
    world::{World, start},
};

on_both!(
    a_mail_is_stored_once_whatever_its_uid,
    a_position_goes_forward_and_to_another_validity,
    a_stale_decision_writes_nothing,
    a_mail_that_was_put_back_waits_and_counts,
    a_taken_mail_is_evidence_on_its_request,
    answers_to_a_sender_are_counted,
    the_server_is_told_after_the_mail_is_stored,
    an_answer_that_is_being_sent_stays_with_whoever_sends_it,
);

pub(crate) fn place(uidvalidity: u32, uid: u32) -> MailPlace {
    MailPlace { folder: "INBOX".to_owned(), uidvalidity, uid }
}

fn inbox() -> MailboxPlace {
    MailboxPlace { mailbox: "privacy".to_owned(), folder: "INBOX".to_owned() }
}

fn position(uidvalidity: u32, last_uid: u32) -> MailboxPosition {
    MailboxPosition { place: inbox(), uidvalidity, last_uid, dated_until: 0 }
}

pub(crate) fn mail(text: &str, at: Option<MailPlace>) -> NewReceivedMail {
    NewReceivedMail {
        mailbox: "privacy".to_owned(),
        place: at,
        received_at: start(),
        content: MailContent::Whole(Personal::new(text.as_bytes().to_vec())),
        delivery: None,
    }
}

fn hanako() -> EmailAddress {
    EmailAddress::parse("hanako@example.jp").unwrap()
}

pub(crate) fn reading(verdict: Verdict) -> MailReading {
    MailReading {
        verdict,
        authentication: SenderAuthentication::Aligned,
        evidence: "dkim=pass example.jp".to_owned(),
        message_id: Some(Personal::new("m1@example.jp".to_owned())),
        sender: Some(hanako()),
        understanding: Personal::new(json!({ "text": "my data please" })),
    }
}

pub(crate) fn decision(claimed: &ClaimedMail, verdict: MailVerdict) -> MailDecision {
    MailDecision {
        lease: claimed.lease,
        verdict,
        reason: "words that ask for a copy".to_owned(),
        reading: Some(reading(Verdict::Request)),
        answers: true,
        wants_other_address: false,
        for_staff: ForStaff::default(),
        form: None,
    }
}

pub(crate) async fn store(world: &World, text: &str) -> ReceivedMailId {
    world.ledger.store_mails(&[mail(text, None)], None).await.unwrap()[0].id
}

pub(crate) async fn claim(world: &World) -> ClaimedMail {
    world.ledger.claim_mails(1, LEASE).await.unwrap().pop().unwrap()
}

pub(crate) async fn request(world: &World) -> RequestId {
    let taken = world.ledger.accept(vec![new_request("hanako@example.jp", &[Right::Access])]).await;
    taken.unwrap().remove(0).unwrap().id
}

async fn a_mail_is_stored_once_whatever_its_uid(world: World) {
    let ledger = &world.ledger;
    ledger.open_mailbox(&position(0, 0), start()).await.unwrap();
    let first = ledger.store_mails(&[mail("a", Some(place(1, 5)))], Some(&position(1, 5))).await.unwrap()[0];
    assert!(!first.known);
    let again = ledger.store_mails(&[mail("a", Some(place(1, 5)))], Some(&position(1, 5))).await.unwrap()[0];
    assert!(again.known);
    ledger.mails_told(&[first.id]).await.unwrap();
    // The folder was made anew: the same bytes under another UID.
    let moved = [mail("a", Some(place(2, 1))), mail("b", Some(place(2, 2))), mail("b", Some(place(2, 3)))];
    let stored = ledger.store_mails(&moved, Some(&position(2, 3))).await.unwrap();
    assert_eq!((stored[0].id, stored[0].known), (first.id, true));
    assert_eq!((stored[1].known, stored[2].known), (false, true));
    assert_eq!(world.number("SELECT COUNT(*) AS n FROM received_mail").await, 2);
    // Its server is told again, under the new UID.
    let untold = ledger.mails_to_tell(&inbox(), 2, 0, 10).await.unwrap();
    assert_eq!(untold.iter().map(|(_, uid)| *uid).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(ledger.raw_mail(first.id).await.unwrap().expose(), b"a");
}

async fn a_position_goes_forward_and_to_another_validity(world: World) {
    let ledger = &world.ledger;
    let first = ledger.open_mailbox(&position(0, 0), start()).await.unwrap();
    assert_eq!((first.position.last_uid, first.cut_off, first.is_new), (0, start(), true));
    for (stored, found) in [((1, 5), (1, 5)), ((1, 3), (1, 5)), ((2, 1), (2, 1))] {
        ledger.store_mails(&[], Some(&position(stored.0, stored.1))).await.unwrap();
        let later = start() + TimeDelta::days(1);
        let now = ledger.open_mailbox(&position(0, 0), later).await.unwrap();
        assert_eq!((now.position.uidvalidity, now.position.last_uid, now.is_new), (found.0, found.1, false));
        assert_eq!(now.cut_off, start(), "the cut-off is that of the first connection");
    }
    ledger.mailbox_read(&inbox()).await.unwrap();
    let standing = MailboxStanding { position: position(2, 1), read_at: Some(start()), untold: 0 };
    assert_eq!(ledger.mailbox_standings().await.unwrap(), [standing]);
}

async fn a_stale_decision_writes_nothing(world: World) {
    let ledger = &world.ledger;
    store(&world, "a").await;
    let slow = ledger.claim_mails(1, Duration::ZERO).await.unwrap().pop().unwrap();
    let quick = claim(&world).await;
    assert_eq!(quick.attempts, 2);
    assert!(ledger.claim_mails(1, LEASE).await.unwrap().is_empty());
    ledger.hold_mails(&[slow.lease, quick.lease], LEASE).await.unwrap();
    let id = request(&world).await;
    let late = ledger.decide_mails(vec![decision(&slow, MailVerdict::Taken(id))]).await.unwrap();
    assert!(late.is_empty());
    let done = ledger.decide_mails(vec![decision(&quick, MailVerdict::SetAside)]).await.unwrap();
    assert_eq!(done, [quick.lease]);
    let twice = ledger.decide_mails(vec![decision(&quick, MailVerdict::Parked)]).await.unwrap();
    assert!(twice.is_empty());
    assert_eq!(ledger.mail_view(quick.lease.mail).await.unwrap().state, ReceivedMailState::Ignored);
}

async fn a_mail_that_was_put_back_waits_and_counts(world: World) {
    let ledger = &world.ledger;
    store(&world, "a").await;
    let first = claim(&world).await;
    ledger.put_mail_back(first.lease, Duration::ZERO, PutBack::Untouched).await.unwrap();
    // The heartbeat of a group names all its mails for as long as one of them is worked on.
    ledger.hold_mails(&[first.lease], LEASE).await.unwrap();
    let second = claim(&world).await;
    assert_eq!(second.attempts, 1, "a shutdown uses up no attempt");
    ledger.put_mail_back(second.lease, Duration::ZERO, PutBack::PutOff).await.unwrap();
    let third = claim(&world).await;
    assert_eq!((third.attempts, third.put_off), (1, 1), "nor does what is no fault of the mail");
    ledger.put_mail_back(third.lease, Duration::ZERO, PutBack::Tried).await.unwrap();
    let fourth = claim(&world).await;
    assert_eq!((fourth.attempts, fourth.put_off), (2, 1));
    ledger.put_mail_back(fourth.lease, Duration::from_hours(1), PutBack::PutOff).await.unwrap();
    assert!(ledger.claim_mails(1, LEASE).await.unwrap().is_empty());
}

async fn a_taken_mail_is_evidence_on_its_request(world: World) {
    let ledger = &world.ledger;
    let mail = store(&world, "a").await;
    let id = request(&world).await;
    let claimed = claim(&world).await;
    ledger.decide_mails(vec![decision(&claimed, MailVerdict::Taken(id))]).await.unwrap();
    let read = ledger.read_mail(mail).await.unwrap();
    assert_eq!(read.view.request, Some(id));
    assert_eq!(read.view.state, ReceivedMailState::Request);
    assert_eq!(read.understanding.unwrap().expose()["text"], "my data please");
    assert_eq!(read.evidence.unwrap().expose(), "dkim=pass example.jp");
    let trail = ledger.audit_entries(id).await.unwrap();
    let entry = trail.iter().find(|entry| entry.event == "mail-taken").unwrap();
    assert!(entry.detail.contains("aligned"), "{}", entry.detail);
    let message_id = Personal::new("m1@example.jp".to_owned());
    let other = store(&world, "b").await;
    assert_eq!(ledger.taken_copy(other, &message_id, &hanako()).await.unwrap(), Some((mail, id)));
    assert_eq!(ledger.taken_copy(mail, &message_id, &hanako()).await.unwrap(), None);
}

async fn answers_to_a_sender_are_counted(world: World) {
    let ledger = &world.ledger;
    for text in ["a", "b"] {
        store(&world, text).await;
        let claimed = claim(&world).await;
        ledger.decide_mails(vec![decision(&claimed, MailVerdict::Parked)]).await.unwrap();
    }
    assert_eq!(ledger.answers_to(&hanako(), false).await.unwrap(), 2);
    assert_eq!(ledger.answers_to(&hanako(), true).await.unwrap(), 0, "nobody forged her name");
    assert_eq!(ledger.answers_to(&EmailAddress::parse("taro@example.jp").unwrap(), false).await.unwrap(), 0);
    assert_eq!(ledger.strangers_answered("privacy").await.unwrap(), 0, "her domain stands behind her");
    store(&world, "c").await;
    let mut forged = decision(&claim(&world).await, MailVerdict::Parked);
    forged.reading.as_mut().unwrap().authentication = SenderAuthentication::Unaligned;
    ledger.decide_mails(vec![forged]).await.unwrap();
    assert_eq!(
        ledger.answers_to(&hanako(), false).await.unwrap(),
        2,
        "what is forged uses up nothing of hers"
    );
    assert_eq!(ledger.answers_to(&hanako(), true).await.unwrap(), 1);
    assert_eq!(ledger.strangers_answered("privacy").await.unwrap(), 1);
    assert_eq!(ledger.strangers_answered("other").await.unwrap(), 0);
    world.clock.advance(TimeDelta::hours(25));
    assert_eq!(ledger.answers_to(&hanako(), false).await.unwrap(), 0);
    assert_eq!(ledger.strangers_answered("privacy").await.unwrap(), 0);
}

async fn the_server_is_told_after_the_mail_is_stored(world: World) {
    let ledger = &world.ledger;
    ledger.open_mailbox(&position(0, 0), start()).await.unwrap();
    let oversize = NewReceivedMail {
        content: MailContent::LeftThere {
            bytes: 99_000_000,
            reason: "larger than 40 MB".to_owned(),
            header: Some(Personal::new(b"Subject: my files\r\n\r\n".to_vec())),
        },
        ..mail("", Some(place(1, 1)))
    };
    let mails = [oversize.clone(), mail("a", Some(place(1, 2)))];
    let stored = ledger.store_mails(&mails, Some(&position(1, 2))).await.unwrap();
    let again = ledger.store_mails(&[oversize], Some(&position(1, 2))).await.unwrap();
    assert_eq!((again[0].id, again[0].known), (stored[0].id, true));
    let view = ledger.mail_view(stored[0].id).await.unwrap();
    assert_eq!((view.state, view.bytes), (ReceivedMailState::Parked, 99_000_000));
    assert_eq!((view.folder.as_deref(), view.uid), (Some("INBOX"), Some(1)), "staff find it there");
    let read = ledger.read_mail(stored[0].id).await.unwrap();
    assert_eq!(read.header.unwrap().expose(), "Subject: my files\r\n\r\n");
    assert_eq!(ledger.mails_to_tell(&inbox(), 1, 0, 10).await.unwrap(), [(stored[1].id, 2)]);
    assert_eq!(ledger.mailbox_standings().await.unwrap()[0].untold, 1);
    assert!(ledger.mails_to_tell(&inbox(), 1, 2, 10).await.unwrap().is_empty());
    ledger.mails_told(&[stored[1].id]).await.unwrap();
    assert!(ledger.mails_to_tell(&inbox(), 1, 0, 10).await.unwrap().is_empty());
    assert!(ledger.raw_mail(stored[0].id).await.is_err());
}

async fn an_answer_that_is_being_sent_stays_with_whoever_sends_it(world: World) {
    let ledger = &world.ledger;
    store(&world, "a").await;
    let claimed = claim(&world).await;
    let form = FormOrder { to: hanako(), language: Language::En, answers: None, most: 5 };
    let parked = MailDecision { form: Some(form), ..decision(&claimed, MailVerdict::Parked) };
    ledger.decide_mails(vec![parked]).await.unwrap();
    let over = Duration::ZERO;
    let first = ledger.claim_form_answers(10, over).await.unwrap()[0].lease;
    let second = wait::value("the lease to run out", LEASE, || async {
        ledger.claim_form_answers(10, over).await.unwrap().pop()
    });
    let second = second.await.unwrap().lease;
    ledger.hold_form_answers(&[second], LEASE).await.unwrap();
    assert!(ledger.claim_form_answers(10, LEASE).await.unwrap().is_empty(), "it was prolonged");
    ledger.put_form_back(first, over).await.unwrap();
    assert!(ledger.claim_form_answers(10, LEASE).await.unwrap().is_empty(), "the first one has lost it");
    ledger.put_form_back(second, over).await.unwrap();
    ledger.hold_form_answers(&[second], LEASE).await.unwrap();
    assert_eq!(
        ledger.claim_form_answers(10, LEASE).await.unwrap().len(),
        1,
        "what was given back is not held"
    );
}
