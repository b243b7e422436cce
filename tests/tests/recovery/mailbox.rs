//! The process dies at every failpoint on the way of a mail, from the mailbox to the request: each mail is one request,
//! and is marked in its mailbox.

use futures::StreamExt;
use habeas_test_support::{DOVECOT_PASSWORD, Dovecot, wait};
use habeas_tests::house::{ALL, House, Plan};

use habeas_tests::crowd::LIMIT;

/// Every failpoint on the way of a mail.
pub(super) const FAILPOINTS: &[&str] = &[
    "mailbox::after_decide",
    "mailbox::after_store",
    "mailbox::after_take",
    "mailbox::after_tell",
    "mailbox::before_decide",
    "mailbox::before_read",
    "mailbox::before_store",
    "mailbox::before_take",
    "mailbox::before_tell",
];

/// How many people write.
const MAILS: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_point_of_a_mails_way_makes_no_second_request() {
    let mut runs =
        futures::stream::iter(FAILPOINTS).map(|point| tokio::spawn(die_at(point))).buffer_unordered(3);
    while let Some(run) = runs.next().await {
        run.unwrap();
    }
}

fn mail(number: usize) -> String {
    format!(
        "From: Person {number} <person{number}@example.com>\r\nTo: privacy@example.com\r\n\
         Message-ID: <ask-{number}@example.com>\r\nSubject: My data\r\n\r\n\
         Under the GDPR, please send me a copy of all personal data that you hold about me.\r\n"
    )
}

async fn die_at(point: &'static str) {
    let dovecot = Dovecot::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let password = folder.path().join("password");
    std::fs::write(&password, DOVECOT_PASSWORD).unwrap();
    let config = format!(
        "[[mailboxes]]\nname = \"privacy\"\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"plain\"\nuser = \"privacy\"\n\
         password_file = \"{}\"\ncut_off = \"2020-01-01T00:00:00Z\"\npoll_seconds = 1\n",
        dovecot.port(),
        password.display(),
    );
    let once = format!("{point}={}", folder.path().join("died").display());
    let env = vec![("HABEAS_KILL_AT".to_owned(), once)];
    let house =
        House::build(Plan { people: 4, processes: vec![ALL], env, config, ..Plan::default() }).await.unwrap();
    // Only now: a process that dies before it answers is no house.
    for number in 0..MAILS {
        dovecot.deliver("privacy", mail(number).as_bytes()).unwrap();
    }
    let process = house.processes.first().unwrap();
    let died = process.wait_exit(LIMIT).await;
    assert!(died.is_ok_and(|status| !status.success()), "{point} was not reached");
    house.restart_the_dead().await.unwrap();
    house.accepted(MAILS, LIMIT).await.unwrap();
    let decided = || async { house.mails_in("request").await.is_ok_and(|count| count == MAILS) };
    let waiting = wait::until(format!("{point}: every mail to be decided"), LIMIT, decided).await;
    if let Err(late) = waiting {
        panic!("{late}\n{}", house.situation().await.unwrap());
    }
    let marked = || async { dovecot.seen("privacy", None).unwrap() == MAILS };
    wait::until(format!("{point}: every mail to be marked"), LIMIT, marked).await.unwrap();
    let (requests, _) = house.requests().await.unwrap();
    assert_eq!(requests, MAILS, "{point}");
}
