//! Crashes, broken connections and mailboxes made anew: nothing is lost, nothing is taken twice.

use std::time::Duration;

use habeas_ledger::MailboxPlace;
use habeas_test_support::{Dovecot, ProxyMode, TcpProxy, wait};

use crate::bed::{Bed, LIMIT, mail, options};

#[tokio::test]
async fn a_server_that_crashes_is_read_again_when_it_is_back() {
    let (bed, dovecot) = (Bed::new().await, Dovecot::start().await.unwrap());
    let reader = bed.read(options(&dovecot, "privacy"));
    dovecot.deliver("privacy", &mail("before")).unwrap();
    bed.stored(1).await;
    dovecot.kill().unwrap();
    dovecot.deliver("privacy", &mail("meanwhile")).unwrap();
    dovecot.start_again().await.unwrap();
    bed.stored(2).await;
    reader.stop().await;
}

#[tokio::test]
async fn uids_that_begin_anew_make_nobody_ask_twice() {
    let (bed, dovecot) = (Bed::new().await, Dovecot::start().await.unwrap());
    for n in 0..5 {
        dovecot.deliver("privacy", &mail(&format!("m-{n}"))).unwrap();
    }
    let reader = bed.read(options(&dovecot, "privacy"));
    bed.stored(5).await;
    reader.stop().await;
    dovecot.stop().await.unwrap();
    dovecot.forget_uids("privacy").unwrap();
    dovecot.deliver("privacy", &mail("after")).unwrap();
    dovecot.start_again().await.unwrap();
    let reader = bed.read(options(&dovecot, "privacy"));
    bed.stored(6).await;
    reader.stop().await;
    let mut subjects = bed.subjects().await;
    subjects.sort();
    assert_eq!(subjects, ["after", "m-0", "m-1", "m-2", "m-3", "m-4"]);
}

#[tokio::test]
async fn a_mail_delivered_twice_is_one_mail() {
    let (bed, dovecot) = (Bed::new().await, Dovecot::start().await.unwrap());
    dovecot.deliver("privacy", &mail("same")).unwrap();
    dovecot.deliver("privacy", &mail("same")).unwrap();
    let reader = bed.read(options(&dovecot, "privacy"));
    dovecot.deliver("privacy", &mail("other")).unwrap();
    bed.stored(2).await;
    let marked = || async { dovecot.seen("privacy", None).unwrap() == 3 };
    wait::until("both copies to be marked, though one alone is kept", LIMIT, marked).await.unwrap();
    reader.stop().await;
}

#[tokio::test]
async fn a_mail_that_was_stored_and_not_marked_is_marked_by_the_next_process() {
    let (bed, dovecot) = (Bed::new().await, Dovecot::start().await.unwrap());
    dovecot.deliver("privacy", &mail("a")).unwrap();
    let reader = bed.read(options(&dovecot, "privacy"));
    bed.stored(1).await;
    wait::until("the mark", LIMIT, || async { dovecot.seen("privacy", None).unwrap() == 1 }).await.unwrap();
    reader.kill().await;
    // As a process leaves it that is killed between storing and marking.
    let first = habeas_ledger::MailboxPosition {
        place: MailboxPlace { mailbox: "privacy".to_owned(), folder: "INBOX".to_owned() },
        uidvalidity: 0,
        last_uid: 0,
        dated_until: 0,
    };
    let opened = bed.ledger.open_mailbox(&first, chrono::DateTime::UNIX_EPOCH).await.unwrap();
    let position = opened.position;
    let place = habeas_ledger::MailPlace {
        folder: "INBOX".to_owned(),
        uidvalidity: position.uidvalidity,
        uid: position.last_uid + 1,
    };
    dovecot.deliver("privacy", &mail("b")).unwrap();
    let stored = habeas_ledger::NewReceivedMail {
        mailbox: "privacy".to_owned(),
        place: Some(place),
        received_at: bed.ledger.ids().now(),
        content: habeas_ledger::MailContent::Whole(habeas_domain::Personal::new(mail("b"))),
        delivery: None,
    };
    let next = habeas_ledger::MailboxPosition { last_uid: position.last_uid + 1, ..position };
    bed.ledger.store_mails(&[stored], Some(&next)).await.unwrap();
    assert_eq!(dovecot.seen("privacy", None).unwrap(), 1);
    let reader = bed.read(options(&dovecot, "privacy"));
    wait::until("the mark", LIMIT, || async { dovecot.seen("privacy", None).unwrap() == 2 }).await.unwrap();
    reader.stop().await;
    assert_eq!(bed.mails().await.len(), 2);
}

#[tokio::test]
async fn a_connection_that_breaks_at_any_point_loses_and_doubles_nothing() {
    let (bed, dovecot) = (Bed::new().await, Dovecot::start().await.unwrap());
    let proxy = TcpProxy::start(format!("127.0.0.1:{}", dovecot.tls_port())).await.unwrap();
    let mut shaky = options(&dovecot, "privacy");
    shaky.port = proxy.port();
    shaky.limit = Duration::from_secs(10);
    shaky.poll = Duration::from_millis(50);
    shaky.retry = Duration::from_millis(5);
    let reader = bed.read(shaky);
    for n in 0..5 {
        for m in 0..10 {
            dovecot.deliver("privacy", &mail(&format!("m-{n}-{m}"))).unwrap();
        }
        let before = proxy.accepted();
        proxy.set_mode(ProxyMode::Reset);
        let again = || async { proxy.accepted() > before };
        wait::until("another connection", LIMIT, again).await.unwrap();
        proxy.set_mode(ProxyMode::Pass);
    }
    bed.stored(50).await;
    wait::until("all marks", LIMIT, || async { dovecot.seen("privacy", None).unwrap() == 50 }).await.unwrap();
    reader.stop().await;
    let mut subjects = bed.subjects().await;
    subjects.sort();
    subjects.dedup();
    assert_eq!(subjects.len(), 50);
}
