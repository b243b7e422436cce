//! The people: they submit over the queue, read their mail, and press the button behind the link.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use habeas_queue::{Message, Queue, QueueName};
use habeas_test_support::{SmtpMail, SmtpSink};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinHandle,
};

/// Longer than any run.
const FOR_EVER: Duration = Duration::from_hours(24);

/// A mail that came.
pub(crate) struct Arrival {
    pub(crate) to: String,
    /// Same for a repeat of the same mail.
    pub(crate) message_id: String,
    /// The confirmation link, in a mail that has one.
    pub(crate) link: Option<String>,
    pub(crate) at: Instant,
}

/// Everybody's mailboxes and browsers.
pub(crate) struct Crowd {
    pub(crate) arrivals: UnboundedReceiver<Arrival>,
    browser: reqwest::Client,
    queue: Arc<dyn Queue>,
    watching: JoinHandle<()>,
}

impl Crowd {
    pub(crate) fn new(sink: Arc<SmtpSink>, queue: Arc<dyn Queue>) -> Result<Self> {
        let (sender, arrivals) = unbounded_channel();
        let watching = tokio::spawn(watch(sink, sender));
        // Connections are kept, unlike in the client of the tests, whose making also installs the TLS provider.
        let _installs = habeas_test_support::http_client()?;
        let browser = reqwest::Client::builder()
            .timeout(Duration::from_mins(1))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self { arrivals, browser, queue, watching })
    }

    /// Publishes a submission per person in windows of 500; `wave` makes their message ids new.
    pub(crate) async fn submit(&self, people: &[String], right: &str, wave: &str) -> Result<()> {
        let intake = QueueName::new("habeas.intake")?;
        for window in people.chunks(500) {
            let messages = window.iter().map(|person| (intake.clone(), submission(person, right, wave)));
            for result in self.queue.publish(messages.collect()).await {
                result.context("publishing a submission")?;
            }
        }
        Ok(())
    }

    /// Presses the button behind a link. Each person comes from an address of their own, as the limits expect.
    pub(crate) fn press(&self, link: &str, person: u32) -> impl Future<Output = Result<()>> + Send + use<> {
        let from = Ipv4Addr::from(0x0A00_0000 + person);
        let request = self.browser.post(link).header("X-Forwarded-For", from.to_string());
        async move {
            let answer = request.send().await.context("pressing the button")?;
            ensure!(answer.status().is_success(), "the button answered {}", answer.status());
            answer.bytes().await?;
            Ok(())
        }
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

fn submission(person: &str, right: &str, wave: &str) -> Message {
    let body = serde_json::json!({
        "v": 1, "kind": "request.submitted", "id": format!("{wave}-{person}"),
        "request": { "subject": { "email": person }, "rights": [right], "regime": "eu_gdpr" },
    });
    Message::json(format!("{wave}-{person}"), body.to_string())
}

/// Reads each mail once, as it comes.
async fn watch(sink: Arc<SmtpSink>, arrivals: UnboundedSender<Arrival>) {
    let seen = Mutex::new(0_usize);
    let read_new = |mails: &[SmtpMail]| {
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let from = std::mem::replace(&mut *seen, mails.len());
        let new = mails.iter().skip(from).filter_map(read);
        new.map(|arrival| arrivals.send(arrival)).any(|sent| sent.is_err())
    };
    let _until_aborted = sink.wait_for(read_new, FOR_EVER).await;
}

fn read(mail: &SmtpMail) -> Option<Arrival> {
    let at = Instant::now();
    let to = mail.to.first()?.clone();
    let head = String::from_utf8_lossy(mail.data.get(..mail.data.len().min(4_096))?).into_owned();
    let message_id = head.lines().find_map(|line| line.strip_prefix("Message-ID:"))?.trim().to_owned();
    let link = mail.read().ok()?.link_with("/confirm/").ok();
    Some(Arrival { to, message_id, link, at })
}
