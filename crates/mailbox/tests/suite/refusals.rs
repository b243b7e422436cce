//! A server that refuses, hangs up, keeps mails back or cannot give them: no mail is passed over.

use std::time::Duration;

use habeas_domain::received_mail::ReceivedMailState;
use habeas_mailbox::source::imap::{After, ImapOptions};
use habeas_test_support::wait;

use crate::{
    bed::{Bed, LIMIT, mail},
    peer::{Fault, Peer, Utf8},
};

fn mails(count: u32) -> Vec<(u32, Vec<u8>)> {
    (1..=count).map(|uid| (uid, mail(&format!("m-{uid}")))).collect()
}

/// A silence is to be over soon, and so is garbage, after which nothing comes; nothing else is to be taken for one. A fetch
/// takes five times as long, and no mail is given up that was not asked for three times.
fn options_against(peer: &Peer, fault: Fault) -> ImapOptions {
    let mut options = peer.options();
    if matches!(fault, Fault::Silence | Fault::Garbage) {
        options.limit = Duration::from_millis(150);
    }
    options
}

async fn all_are_stored_and_marked(bed: &Bed, peer: &Peer, count: usize, what: &str) {
    let done = || async { peer.seen().len() == count && bed.mails().await.len() >= count };
    wait::until(format!("{what}: {count} mails to be stored and marked"), LIMIT, done).await.unwrap();
    let mut subjects = bed.subjects().await;
    subjects.sort();
    let wanted: Vec<String> = (1..=count).map(|uid| format!("m-{uid}")).collect();
    assert_eq!(subjects, wanted, "{what}");
}

/// Each fault once, at a step of reading three mails.
async fn survives(step: &'static str) {
    for fault in [Fault::No, Fault::Bad, Fault::Bye, Fault::Cut] {
        let (bed, peer) = (Bed::new().await, Peer::start(&mails(3)).await);
        peer.fail(step, None, fault, 1);
        let reader = bed.read(peer.options());
        all_are_stored_and_marked(&bed, &peer, 3, &format!("{fault:?} at {step}")).await;
        reader.stop().await;
    }
}

#[tokio::test]
async fn a_login_that_fails_loses_nothing() {
    survives("LOGIN").await;
}

#[tokio::test]
async fn a_folder_that_does_not_open_loses_nothing() {
    survives("SELECT").await;
    survives("CAPABILITY").await;
}

#[tokio::test]
async fn a_search_that_fails_loses_nothing() {
    survives("UID SEARCH").await;
}

#[tokio::test]
async fn sizes_that_are_not_given_lose_nothing() {
    survives("RFC822.SIZE").await;
}

#[tokio::test]
async fn bodies_that_are_not_given_lose_nothing() {
    survives("BODY.PEEK[]").await;
}

#[tokio::test]
async fn marks_that_are_refused_are_made_later() {
    survives("UID STORE").await;
}

#[tokio::test]
async fn an_answer_that_lacks_mails_is_not_the_whole_answer() {
    for (fault, step) in [
        (Fault::Nothing, "RFC822.SIZE"),
        (Fault::Nothing, "BODY.PEEK[]"),
        (Fault::Nil, "BODY.PEEK[]"),
        (Fault::Garbage, "BODY.PEEK[]"),
        (Fault::Silence, "UID SEARCH"),
    ] {
        let (bed, peer) = (Bed::new().await, Peer::start(&mails(3)).await);
        peer.fail(step, None, fault, 1);
        let reader = bed.read(options_against(&peer, fault));
        all_are_stored_and_marked(&bed, &peer, 3, &format!("{fault:?} at {step}")).await;
        reader.stop().await;
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_searched_is_not_a_folder_that_was_read() {
    let (bed, peer) = (Bed::new().await, Peer::start(&mails(1)).await);
    peer.fail("UID SEARCH", None, Fault::No, usize::MAX);
    let reader = bed.read(peer.options());
    let tried = || async { peer.asked("UID SEARCH") >= 4 };
    wait::until("some searches", LIMIT, tried).await.unwrap();
    assert!(!bed.opened_and_read().await.1);
    peer.heal();
    all_are_stored_and_marked(&bed, &peer, 1, "at last").await;
    reader.stop().await;
}

#[tokio::test]
async fn a_mail_that_somebody_took_out_is_gone() {
    let (bed, peer) = (Bed::new().await, Peer::start(&mails(1)).await);
    peer.deliver(2, mail("gone"), false);
    peer.deliver(3, mail("m-2"), false);
    // It is found and then not given: the reader asks again, and it is not there any more.
    peer.fail("BODY.PEEK[]", Some(2), Fault::Nothing, 1);
    peer.fail("UID SEARCH UID", Some(2), Fault::Nothing, 0);
    let reader = bed.read(peer.options());
    let asked = || async { peer.asked("BODY.PEEK[]") >= 1 };
    wait::until("the first try", LIMIT, asked).await.unwrap();
    peer.remove(2);
    let done = || async { peer.seen().contains(&3) };
    wait::until("the rest", LIMIT, done).await.unwrap();
    reader.stop().await;
    assert!(bed.mails().await.iter().all(|mail| mail.state == ReceivedMailState::Stored));
}

#[tokio::test]
async fn a_mail_that_the_server_cannot_give_is_parked_and_the_rest_is_read() {
    for (fault, step) in [
        (Fault::No, "BODY.PEEK[]"),
        (Fault::Cut, "BODY.PEEK[]"),
        (Fault::Nil, "BODY.PEEK[]"),
        (Fault::Garbage, "BODY.PEEK[]"),
        (Fault::Silence, "BODY.PEEK[]"),
        (Fault::Bad, "RFC822.SIZE"),
        (Fault::Nothing, "RFC822.SIZE"),
    ] {
        let what = format!("{fault:?} at {step}");
        let (bed, peer) = (Bed::new().await, Peer::start(&mails(40)).await);
        peer.fail(step, Some(20), fault, usize::MAX);
        let reader = bed.read(options_against(&peer, fault));
        let done = || async { peer.seen().len() == 39 };
        wait::until(format!("{what}: the rest"), LIMIT, done).await.unwrap();
        reader.stop().await;
        let mails = bed.mails().await;
        assert_eq!(mails.len(), 40, "{what}");
        let parked: Vec<_> = mails.iter().filter(|mail| mail.state == ReceivedMailState::Parked).collect();
        assert_eq!(parked.len(), 1, "{what}");
        assert!(parked[0].reason.as_ref().unwrap().contains("did not give it"), "{what}");
        assert!(!peer.seen().contains(&20), "{what}: it stays as it is for staff to find");
    }
}

#[tokio::test]
async fn what_is_put_into_the_folder_later_is_read_whatever_its_date() {
    let (bed, peer) = (Bed::new().await, Peer::start(&[]).await);
    peer.deliver(1, mail("old"), true);
    peer.deliver(2, mail("m-1"), false);
    let reader = bed.read(peer.options());
    bed.stored(1).await;
    // Staff take it out of the folder for junk: its date stays what it was.
    peer.deliver(3, mail("m-2"), true);
    bed.stored(2).await;
    reader.stop().await;
    peer.deliver(4, mail("m-3"), true);
    let reader = bed.read(peer.options());
    bed.stored(3).await;
    reader.stop().await;
    let mut subjects = bed.subjects().await;
    subjects.sort();
    assert_eq!(subjects, ["m-1", "m-2", "m-3"]);
}

#[tokio::test]
async fn a_server_that_does_not_say_the_next_uid_is_asked_for_the_last() {
    let (bed, peer) = (Bed::new().await, Peer::start(&mails(2)).await);
    peer.without_next();
    let mut fresh = peer.options();
    fresh.cut_off = None;
    let reader = bed.read(fresh);
    let read = || async { bed.opened_and_read().await.1 };
    wait::until("the first look", LIMIT, read).await.unwrap();
    assert!(bed.mails().await.is_empty(), "what lies there at the first connection is left alone");
    peer.deliver(3, mail("new"), true);
    bed.stored(1).await;
    reader.stop().await;
}

#[tokio::test]
async fn one_mail_that_cannot_be_moved_does_not_keep_the_others() {
    let (bed, peer) = (Bed::new().await, Peer::start(&mails(30)).await);
    peer.fail("UID MOVE", Some(7), Fault::No, usize::MAX);
    let mut moving = peer.options();
    moving.after = After::Move("Taken".to_owned());
    let reader = bed.read(moving);
    let done = || async { peer.moved().len() == 29 };
    wait::until("the others to be moved", LIMIT, done).await.unwrap();
    peer.heal();
    wait::until("the last one to be moved", LIMIT, || async { peer.moved().len() == 30 }).await.unwrap();
    reader.stop().await;
    assert_eq!(bed.mails().await.len(), 30);
}

#[tokio::test]
async fn a_reader_that_is_to_end_does_not_read_the_whole_folder_first() {
    let (bed, peer) = (Bed::new().await, Peer::start(&mails(300)).await);
    // Its answer takes longer than the test.
    peer.fail("BODY.PEEK[]", Some(40), Fault::Silence, usize::MAX);
    let mut patient = peer.options();
    patient.limit = Duration::from_hours(1);
    patient.end_of_group = Duration::from_millis(50);
    let reader = bed.read(patient);
    wait::until("some mails", LIMIT, || async { peer.seen().len() == 32 }).await.unwrap();
    reader.stop().await;
    assert_eq!(bed.mails().await.len(), 32, "the rest is read by the next process");
}

/// The names of both folders as they went over the wire.
async fn names_with(utf8: Utf8, fault: Option<Fault>) -> (bool, bool) {
    let (bed, peer) = (Bed::new().await, Peer::start(&mails(2)).await);
    peer.utf8(utf8);
    if let Some(fault) = fault {
        peer.fail("ENABLE", None, fault, usize::MAX);
    }
    let mut options = peer.options();
    "受信".clone_into(&mut options.folder);
    options.after = After::Move("対応済み".to_owned());
    let reader = bed.read(options);
    wait::until("both to be moved", LIMIT, || async { peer.moved().len() == 2 }).await.unwrap();
    reader.stop().await;
    assert_eq!(bed.mails().await.len(), 2);
    let plain = peer.asked("SELECT \"受信\"") > 0 && peer.asked("\"対応済み\"") > 0;
    let modified = peer.asked("SELECT \"&U9dP4Q-\"") > 0 && peer.asked("\"&W,5f3G4IMH8-\"") > 0;
    (plain, modified)
}

#[tokio::test]
async fn a_server_that_takes_or_demands_utf_8_gets_it() {
    assert_eq!(names_with(Utf8::Offered, None).await, (true, false));
    assert_eq!(names_with(Utf8::Demanded, None).await, (true, false));
}

#[tokio::test]
async fn a_server_that_does_not_take_utf_8_gets_modified_utf_7() {
    assert_eq!(names_with(Utf8::Never, None).await, (false, true));
    for fault in [Fault::No, Fault::Bad, Fault::Nothing] {
        assert_eq!(names_with(Utf8::Offered, Some(fault)).await, (false, true), "{fault:?}");
    }
}
