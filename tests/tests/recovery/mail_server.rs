//! The mail server refuses, hangs, or takes a mail and drops the connection before it says so.

use std::collections::BTreeMap;

use habeas_test_support::{SmtpMode, wait};
use habeas_tests::{
    company::email,
    house::{House, Plan},
    people,
};

use habeas_tests::crowd::{Crowd, LIMIT};

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_refuses_and_hangs_for_a_while_delays_mails_and_loses_none() {
    let house = House::build(Plan { people: 10, ..Plan::default() }).await.unwrap();
    let crowd = Crowd::of(10);
    house.sink.set_mode(SmtpMode::Temporary);
    let submitted = crowd.submit(&house).await.unwrap();
    house.accepted(10, LIMIT).await.unwrap();
    wait::until("a mail to be put back", LIMIT, || async {
        house.situation().await.is_ok_and(|situation| situation.contains("mail-deferred"))
    })
    .await
    .unwrap();
    house.sink.set_mode(SmtpMode::BlackHole);
    wait::until("mails to have been tried again", LIMIT, || async {
        house.mail_attempts().await.is_ok_and(|attempts| attempts > 10)
    })
    .await
    .unwrap();
    house.sink.set_mode(SmtpMode::Accept);
    crowd.verify(&house).await.unwrap();
    crowd.settle(&house, submitted, "mail server refusing, then hanging").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_whose_answer_was_lost_comes_at_most_twice_with_one_message_id() {
    let house = House::build(Plan { people: 2, ..Plan::default() }).await.unwrap();
    house.sink.set_mode(SmtpMode::DropAfterData);
    people::submit(house.queue.as_ref(), &[1], &["access"]).await.unwrap();
    let mails = house.sink.wait_for(|mails| mails.len() >= 4, LIMIT).await.unwrap();
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for mail in mails.iter().filter(|mail| mail.to == [email(1)]) {
        *times.entry(mail.read().unwrap().header("Message-ID").unwrap()).or_default() += 1;
    }
    assert_eq!(times.len(), 2, "received and verify: {times:?}");
    wait::until("the mails to wait for a person", LIMIT, || async {
        house.situation().await.is_ok_and(|situation| situation.contains("\"mail\", \"parked\""))
    })
    .await
    .unwrap();
    assert!(house.sink.count() <= 4, "at most twice each: {}", house.sink.count());
}
