//! What is held by a process that dies, and what nobody holds.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::TimeDelta;
use habeas_domain::{Fault, received_mail::ReceivedMailState};
use habeas_ledger::{FormAnswer, MailContent, NewReceivedMail};
use habeas_mailbox::{
    source::Bell,
    worker::{Answerer, SendsForms},
};
use habeas_test_support::wait;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{acting::Office, bed::LIMIT};

/// A mail server that never comes to an end.
#[derive(Default)]
struct Endless(Notify);

#[async_trait]
impl SendsForms for Endless {
    async fn send_form(&self, _: &FormAnswer) -> Result<(), Fault> {
        self.0.notify_one();
        std::future::pending().await
    }
}

#[tokio::test]
async fn an_answer_of_a_process_that_died_is_soon_sent_by_another() {
    let (office, endless, running) =
        (Office::new().await, Arc::new(Endless::default()), CancellationToken::new());
    office.store(&["verdict=parked\nfrom=b@example.jp"]).await;
    while office.worker.round(&running).await.unwrap() > 0 {}
    let sends: Arc<dyn SendsForms> = Arc::<Endless>::clone(&endless);
    let dying = Answerer::new(office.bed.ledger.clone(), sends, Bell::default())
        .with_lease(Duration::from_millis(300));
    let stop = running.clone();
    let sending = tokio::spawn(async move { dying.round(&stop).await });
    endless.0.notified().await;
    sending.abort();
    assert!(sending.await.is_err());
    let sent = || async { office.answerer.round(&running).await.unwrap() == 1 };
    wait::until("another to send it", LIMIT, sent).await.unwrap();
    assert_eq!(office.forms(), ["b@example.jp"]);
}

#[tokio::test]
async fn a_mail_that_was_left_on_its_server_has_a_last_day() {
    let office = Office::new().await;
    let ledger = &office.bed.ledger;
    let received_at = ledger.ids().now() - TimeDelta::days(3);
    let reason = "larger than max_bytes (2000 bytes); it was left in the mailbox".to_owned();
    let left = NewReceivedMail {
        mailbox: "privacy".to_owned(),
        place: None,
        received_at,
        content: MailContent::LeftThere { bytes: 99_000_000, reason, header: None },
        delivery: None,
    };
    let id = ledger.store_mails(&[left], None).await.unwrap()[0].id;
    assert_eq!(office.worker.round(&CancellationToken::new()).await.unwrap(), 0, "nobody reads it");
    let view = ledger.mail_view(id).await.unwrap();
    assert_eq!(view.state, ReceivedMailState::Parked);
    let days = view.due_at.map(|due_at| (due_at - view.received_at).num_days());
    assert_eq!(days, Some(28), "as if it were a request, from when it reached the company");
    let told = ledger.report_mails_near_due(Duration::from_hours(26 * 24), 10).await.unwrap();
    assert_eq!(told.iter().map(|one| one.mail).collect::<Vec<_>>(), [id]);
}
