//! What is held by a process that dies, and what nobody holds.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::TimeDelta;
use habeas_domain::{Fault, RequestId, received_mail::ReceivedMailState};
use habeas_ledger::{Accepted, FormAnswer, MailContent, NewReceivedMail};
use habeas_mailbox::{
    Reader, ReaderOptions, Understanding,
    source::Bell,
    understand,
    worker::{ActOptions, Answerer, Intake, MailWorker, NotTaken, Ports, SendsForms, TakenMail, Threads},
};
use habeas_test_support::wait;
use tokio::sync::{Mutex, Notify};
use tokio_util::sync::CancellationToken;

use crate::{bed::LIMIT, office::Office};

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
    Box::pin(wait::until("another to send it", LIMIT, sent)).await.unwrap();
    assert_eq!(office.forms(), ["b@example.jp"]);
}

/// Something that both the reading of the second mail and the decision on the first one need, as two of them may need the same
/// row of the state database.
#[derive(Default)]
struct Gate {
    free: Mutex<()>,
    held: Notify,
}

#[async_trait]
impl Threads for Gate {
    async fn request_of(&self, mail: &Understanding) -> Result<Option<RequestId>, Fault> {
        if mail.text.expose().contains("second") {
            let _held = self.free.lock().await;
            self.held.notify_one();
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
        } else {
            self.held.notified().await;
        }
        Ok(None)
    }
}

#[async_trait]
impl Intake for Gate {
    async fn take(&self, _: TakenMail) -> Result<Accepted, NotTaken> {
        let _held = self.free.lock().await;
        Err(NotTaken::Problems(Vec::new()))
    }
}

#[tokio::test]
async fn the_reading_of_a_mail_goes_on_while_another_one_is_decided() {
    let (office, gate) = (Office::new().await, Arc::new(Gate::default()));
    let reader = Reader::new(ReaderOptions::default()).unwrap();
    let ports = Ports {
        reads: Arc::new(move |raw: &[u8]| understand(raw, &reader)),
        intake: Arc::<Gate>::clone(&gate),
        authenticates: None,
        threads: Some(gate),
        bounces: None,
    };
    let ledger = office.bed.ledger.clone();
    let worker = MailWorker::new(ledger, ports, ActOptions::default(), Bell::default(), Bell::default());
    let mail =
        |number: &str| format!("From: a@example.jp\n\nPlease delete all my data. The {number} mail.\n");
    office.store(&[&mail("first"), &mail("second")]).await;
    let round = tokio::time::timeout(LIMIT, worker.round(&CancellationToken::new())).await;
    assert_eq!(round.expect("an end to the round").unwrap(), 2);
    let mails = office.bed.mails().await;
    assert!(mails.iter().all(|mail| mail.state == ReceivedMailState::Proposal), "{mails:?}");
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
