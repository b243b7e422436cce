//! An SMTP server (RFC 5321) that keeps every mail, with faults that can be switched while it runs.

mod listener;
mod reply;
mod session;
mod state;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use tokio::task::JoinHandle;

use crate::mailbox::ReceivedMail;
use crate::ports::Port;
use state::State;

/// One mail as the server got it.
#[derive(Debug, Clone)]
pub struct SmtpMail {
    /// The envelope's sender; empty for the null sender.
    pub from: String,
    /// The envelope's accepted recipients.
    pub to: Vec<String>,
    /// The mail's bytes, headers and body, with the transparency dots removed.
    pub data: Bytes,
    /// Whether the sender was told that the mail was accepted.
    pub acknowledged: bool,
}

impl SmtpMail {
    /// The mail, read.
    pub fn read(&self) -> Result<ReceivedMail> {
        ReceivedMail::parse(&self.data)
    }
}

/// How the server behaves towards everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpMode {
    /// Accepts mail.
    Accept,
    /// Nobody listens: connections are refused, and open ones are cut.
    Down,
    /// Answers each recipient with 451: try later.
    Temporary,
    /// Answers each recipient with 550: never.
    Permanent,
    /// Takes connections and answers nothing, ever.
    BlackHole,
    /// Takes and keeps the whole mail, then cuts the connection in place of the final 250.
    DropAfterData,
    /// Waits this long before each answer.
    Slow(Duration),
}

/// What one recipient is refused with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// 451: try later.
    Temporary,
    /// 550: never.
    Permanent,
}

/// An SMTP server in this process, on a free loopback port. Dropping it ends it.
#[derive(Debug)]
pub struct SmtpSink {
    port: Port,
    state: Arc<State>,
    listener: JoinHandle<()>,
}

impl SmtpSink {
    /// Starts a server that accepts everything from everybody.
    pub async fn start() -> Result<Self> {
        Self::launch(None).await
    }

    /// Starts a server that accepts mail only after AUTH PLAIN or LOGIN with these credentials.
    pub async fn start_with_login(user: &str, password: &str) -> Result<Self> {
        Self::launch(Some((user.to_owned(), password.to_owned()))).await
    }

    async fn launch(login: Option<(String, String)>) -> Result<Self> {
        let port = Port::reserve()?;
        let state = Arc::new(State::new(login));
        let first = listener::bind(port.number()).await?;
        let listener = tokio::spawn(listener::run(first, port.number(), Arc::clone(&state)));
        Ok(Self { port, state, listener })
    }

    /// The host to connect to.
    pub fn host(&self) -> &'static str {
        "127.0.0.1"
    }

    /// The port to connect to.
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// `smtp://127.0.0.1:<port>`.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.port.address())
    }

    /// Changes the behaviour, for open connections too.
    pub fn set_mode(&self, mode: SmtpMode) {
        self.state.set_mode(mode);
    }

    /// Refuses one recipient, whatever the mode.
    pub fn refuse(&self, recipient: &str, refusal: Refusal) {
        self.state.refuse(recipient, Some(refusal));
    }

    /// Accepts that recipient again.
    pub fn accept(&self, recipient: &str) {
        self.state.refuse(recipient, None);
    }

    /// All mails so far, in the order in which they arrived.
    pub fn mails(&self) -> Vec<SmtpMail> {
        self.state.with_mails(<[SmtpMail]>::to_vec)
    }

    /// The mails to one recipient so far.
    pub fn mails_to(&self, recipient: &str) -> Vec<SmtpMail> {
        let is_to = |mail: &&SmtpMail| mail.to.iter().any(|to| to.eq_ignore_ascii_case(recipient));
        self.state.with_mails(|mails| mails.iter().filter(is_to).cloned().collect())
    }

    /// How many mails came in so far.
    pub fn count(&self) -> usize {
        self.state.with_mails(<[SmtpMail]>::len)
    }

    /// Forgets all mails so far.
    pub fn clear(&self) {
        self.state.clear();
    }

    /// Waits until the mails meet a condition, and returns them; fails once `limit` has passed.
    pub async fn wait_for<F>(&self, condition: F, limit: Duration) -> Result<Vec<SmtpMail>>
    where
        F: Fn(&[SmtpMail]) -> bool,
    {
        self.state.wait_for(condition, limit).await
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.listener.abort();
        self.state.close();
    }
}
