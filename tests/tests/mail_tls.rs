//! Mails leave the daemon through TLS, with a login, or not at all.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::time::Duration;

use habeas_test_support::{Certificate, TlsMode, wait};
use habeas_tests::{
    company::email,
    house::{House, Plan},
    people,
};

const LIMIT: Duration = Duration::from_mins(2);

async fn house(mode: TlsMode) -> House {
    House::build(Plan { people: 2, mail_tls: Some(mode), ..Plan::default() }).await.unwrap()
}

async fn waits_with(house: &House, fault: &str, attempts: i64) {
    wait::until(format!("a mail to wait with {fault}"), LIMIT, || async {
        house.situation().await.is_ok_and(|situation| situation.contains(fault))
            && house.mail_attempts().await.is_ok_and(|tried| tried >= attempts)
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_reach_a_server_that_wants_tls_from_the_first_byte_and_a_login() {
    let house = house(TlsMode::Tls).await;
    people::submit(house.queue.as_ref(), &[1], &["access"]).await.unwrap();
    people::verify(&house.sink, &[1], LIMIT).await.unwrap();
    house.finished(LIMIT).await.unwrap();
    people::package_link(&house.sink, 1).unwrap();
    assert!(house.run(&["doctor"]).unwrap().contains("the SMTP server answers and lets us in"));
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_wait_while_tls_is_broken_and_leave_when_it_is_mended() {
    let house = house(TlsMode::StartTls).await;
    let front = house.front.as_ref().unwrap();
    front.set_mode(TlsMode::Stripped);
    people::submit(house.queue.as_ref(), &[1], &["access"]).await.unwrap();
    waits_with(&house, "mail-tls-failed", 1).await;
    assert!(house.run_and_fail(&["doctor"]).unwrap().contains("no TLS connection to the mail server"));
    front.set_mode(TlsMode::StartTls);
    front.show(Certificate::OtherHost).unwrap();
    let so_far = house.mail_attempts().await.unwrap();
    waits_with(&house, "mail-tls-failed", so_far + 1).await;
    assert!(house.run_and_fail(&["doctor"]).unwrap().contains("no TLS connection to the mail server"));
    assert_eq!(house.sink.count(), 0, "nothing went out meanwhile");
    front.show(Certificate::Good).unwrap();
    people::verify(&house.sink, &[1], LIMIT).await.unwrap();
    house.finished(LIMIT).await.unwrap();
    people::package_link(&house.sink, 1).unwrap();
    let heard = front.heard();
    assert!(heard.len() > 3, "the one in the middle listened: {heard:?}");
    let is_harmless = |line: &String| ["EHLO ", "STARTTLS", "QUIT"].iter().any(|verb| line.starts_with(verb));
    assert_eq!(heard.iter().find(|line| !is_harmless(line)), None);
    assert_eq!(heard.iter().find(|line| line.contains(&email(1))), None);
}
