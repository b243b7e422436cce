//! A private Dovecot, read as a real mailbox is.

use std::time::Duration;

use habeas_domain::received_mail::ReceivedMailState;
use habeas_mailbox::source::imap::{After, ImapError, ImapOptions, ImapSecurity, check};
use habeas_test_support::{Dovecot, wait};

use crate::bed::{Bed, LIMIT, mail, options};

#[tokio::test]
async fn what_lies_there_and_what_arrives_is_stored_and_marked() {
    let (bed, dovecot) = (Bed::new().await, Dovecot::start().await.unwrap());
    for n in 0..70 {
        dovecot.deliver("privacy", &mail(&format!("old-{n}"))).unwrap();
    }
    // The next look without news would be long after the test.
    let mut patient = options(&dovecot, "privacy");
    patient.poll = Duration::from_hours(1);
    let reader = bed.read(patient);
    bed.stored(70).await;
    for n in 0..3 {
        dovecot.deliver("privacy", &mail(&format!("new-{n}"))).unwrap();
        bed.stored(71 + n).await;
    }
    wait::until("all to be seen", LIMIT, || async { dovecot.seen("privacy", None).unwrap() == 73 })
        .await
        .unwrap();
    reader.stop().await;
    let mut subjects = bed.subjects().await;
    subjects.sort();
    subjects.dedup();
    assert_eq!(subjects.len(), 73);
    assert!(bed.mails().await.iter().all(|mail| mail.state == ReceivedMailState::Stored));
}

#[tokio::test]
async fn without_idle_the_folder_is_looked_at_in_time_and_mails_are_moved() {
    let (bed, dovecot) = (Bed::new().await, Dovecot::start().await.unwrap());
    let mut moving = options(&dovecot, "privacy");
    moving.after = After::Move("Taken by Habeas".to_owned());
    moving.poll = Duration::from_millis(100);
    moving.security = ImapSecurity::StartTls;
    moving.port = dovecot.port();
    let reader = bed.read(moving);
    for n in 1..4 {
        dovecot.deliver("privacy", &mail(&format!("m-{n}"))).unwrap();
        bed.stored(n).await;
    }
    // A mail that is being moved is in both places for a moment.
    let counts = || {
        (dovecot.count("privacy", Some("Taken by Habeas")).unwrap(), dovecot.count("privacy", None).unwrap())
    };
    let moved = || async { counts() == (3, 0) };
    wait::until("all to be moved", LIMIT, moved).await.unwrap();
    reader.stop().await;
}

#[tokio::test]
async fn folders_may_have_japanese_names() {
    let dovecot = Dovecot::start().await.unwrap();
    // On its disk Dovecot writes names as IMAP does.
    let (to_do, done) = ("受信 & 対応", "対応済み");
    let (to_do_on_disk, done_on_disk) = ("&U9dP4Q- &- &W,5f3A-", "&W,5f3G4IMH8-");
    let moving = |folder: &str, to: &str| {
        let folder = folder.to_owned();
        ImapOptions { folder, after: After::Move(to.to_owned()), ..options(&dovecot, "privacy") }
    };
    dovecot.deliver("privacy", &mail("a")).unwrap();
    for (folder, to, on_disk) in [("INBOX", to_do, to_do_on_disk), (to_do, done, done_on_disk)] {
        let bed = Bed::new().await;
        let reader = bed.read(moving(folder, to));
        bed.stored(1).await;
        let moved = || async { dovecot.count("privacy", Some(on_disk)).unwrap() == 1 };
        wait::until(format!("the mail to be moved to {to}"), LIMIT, moved).await.unwrap();
        reader.stop().await;
    }
    assert_eq!(dovecot.count("privacy", Some(to_do_on_disk)).unwrap(), 0);
    check(&moving(done_on_disk, "unused")).await.unwrap();
}

#[tokio::test]
async fn what_came_before_the_first_connection_is_left_alone() {
    let (bed, dovecot) = (Bed::new().await, Dovecot::start().await.unwrap());
    dovecot.deliver("privacy", &mail("last-year")).unwrap();
    let mut fresh = options(&dovecot, "privacy");
    fresh.cut_off = None;
    let reader = bed.read(fresh.clone());
    let read = || async { bed.opened_and_read().await.0 };
    wait::until("the first look", LIMIT, read).await.unwrap();
    dovecot.deliver("privacy", &mail("today")).unwrap();
    bed.stored(1).await;
    reader.stop().await;
    let reader = bed.read(fresh);
    dovecot.deliver("privacy", &mail("tomorrow")).unwrap();
    bed.stored(2).await;
    reader.stop().await;
    assert_eq!(bed.subjects().await, ["today", "tomorrow"]);
    assert_eq!(dovecot.seen("privacy", None).unwrap(), 2);
}

#[tokio::test]
async fn a_cut_off_that_is_set_leaves_older_mails_alone() {
    let (bed, dovecot) = (Bed::new().await, Dovecot::start().await.unwrap());
    dovecot.deliver("privacy", &mail("too-old")).unwrap();
    let mut later = options(&dovecot, "privacy");
    later.cut_off = Some(bed.ledger.ids().now() + chrono::TimeDelta::days(1));
    let reader = bed.read(later);
    let read = || async { bed.opened_and_read().await.1 };
    wait::until("the first look", LIMIT, read).await.unwrap();
    reader.stop().await;
    assert!(bed.mails().await.is_empty());
    assert_eq!(dovecot.seen("privacy", None).unwrap(), 0);
}

#[tokio::test]
async fn a_mail_that_is_too_large_is_parked_and_left_there() {
    let (bed, dovecot) = (Bed::new().await, Dovecot::start().await.unwrap());
    let mut large = mail("large");
    large.extend(std::iter::repeat_n(b'x', 5_000));
    dovecot.deliver("privacy", &large).unwrap();
    dovecot.deliver("privacy", &mail("small")).unwrap();
    dovecot.deliver("privacy", b"").unwrap();
    let mut strict = options(&dovecot, "privacy");
    strict.max_bytes = 2_000;
    let reader = bed.read(strict);
    bed.stored(3).await;
    let seen = || async { dovecot.seen("privacy", None).unwrap() == 2 };
    wait::until("those that fit to be seen", LIMIT, seen).await.unwrap();
    reader.stop().await;
    let mails = bed.mails().await;
    let parked: Vec<_> = mails.iter().filter(|mail| mail.state == ReceivedMailState::Parked).collect();
    assert_eq!(parked.len(), 1);
    assert!(parked[0].bytes > 5_000);
    assert!(parked[0].reason.as_ref().unwrap().contains("max_bytes"));
}

#[tokio::test]
async fn two_mailboxes_are_read_side_by_side() {
    let (bed, dovecot) = (Bed::new().await, Dovecot::start().await.unwrap());
    let readers = ["privacy", "dpo"].map(|user| bed.read(options(&dovecot, user)));
    dovecot.deliver("privacy", &mail("a")).unwrap();
    dovecot.deliver("dpo", &mail("b")).unwrap();
    bed.stored(2).await;
    for reader in readers {
        reader.stop().await;
    }
    let mut names: Vec<String> = bed.mails().await.into_iter().map(|mail| mail.mailbox).collect();
    names.sort();
    assert_eq!(names, ["dpo", "privacy"]);
}

#[tokio::test]
async fn a_check_says_what_is_wrong() {
    let dovecot = Dovecot::start().await.unwrap();
    let right = options(&dovecot, "privacy");
    check(&right).await.unwrap();
    let mut untrusted = right.clone();
    untrusted.extra_root = None;
    assert!(matches!(check(&untrusted).await, Err(ImapError::Untrusted(_))));
    let mut other_name = right.clone();
    other_name.host = "127.0.0.1".to_owned();
    assert!(matches!(check(&other_name).await, Err(ImapError::Untrusted(_))));
    let mut no_folder = right.clone();
    no_folder.folder = "Nothing".to_owned();
    assert!(check(&no_folder).await.unwrap_err().to_string().contains("opening the folder"));
    let mut open = right.clone();
    open.security = ImapSecurity::Plain;
    open.host = "imap.example.com".to_owned();
    assert!(matches!(check(&open).await, Err(ImapError::PlainText)));
    let mut plain = right;
    plain.security = ImapSecurity::Plain;
    plain.port = dovecot.port();
    check(&plain).await.unwrap();
    dovecot.stop().await.unwrap();
    assert!(check(&plain).await.unwrap_err().to_string().contains("check host and port"));
}
