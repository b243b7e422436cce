//! What all sessions of one SMTP server share.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Result, anyhow};
use tokio::sync::watch;

use super::{Refusal, SmtpMail, SmtpMode};

/// The mails, the behaviour, and the credentials.
#[derive(Debug)]
pub(super) struct State {
    mails: Mutex<Vec<SmtpMail>>,
    arrived: watch::Sender<()>,
    mode: watch::Sender<SmtpMode>,
    refusals: Mutex<BTreeMap<String, Refusal>>,
    login: Option<(String, String)>,
}

impl State {
    pub(super) fn new(login: Option<(String, String)>) -> Self {
        Self {
            mails: Mutex::default(),
            arrived: watch::Sender::new(()),
            mode: watch::Sender::new(SmtpMode::Accept),
            refusals: Mutex::default(),
            login,
        }
    }

    pub(super) fn mode(&self) -> SmtpMode {
        *self.mode.borrow()
    }

    pub(super) fn watch_mode(&self) -> watch::Receiver<SmtpMode> {
        self.mode.subscribe()
    }

    pub(super) fn set_mode(&self, mode: SmtpMode) {
        self.mode.send_replace(mode);
    }

    /// Cuts all sessions, for good.
    pub(super) fn close(&self) {
        self.set_mode(SmtpMode::Down);
    }

    pub(super) fn login(&self) -> Option<&(String, String)> {
        self.login.as_ref()
    }

    pub(super) fn refuse(&self, recipient: &str, refusal: Option<Refusal>) {
        let mut refusals = locked(&self.refusals);
        let recipient = recipient.to_ascii_lowercase();
        match refusal {
            Some(refusal) => refusals.insert(recipient, refusal),
            None => refusals.remove(&recipient),
        };
    }

    pub(super) fn refusal(&self, recipient: &str) -> Option<Refusal> {
        match self.mode() {
            SmtpMode::Temporary => Some(Refusal::Temporary),
            SmtpMode::Permanent => Some(Refusal::Permanent),
            _ => locked(&self.refusals).get(&recipient.to_ascii_lowercase()).copied(),
        }
    }

    pub(super) fn add(&self, mail: SmtpMail) {
        locked(&self.mails).push(mail);
        self.arrived.send_replace(());
    }

    pub(super) fn clear(&self) {
        locked(&self.mails).clear();
    }

    pub(super) fn with_mails<T>(&self, read: impl FnOnce(&[SmtpMail]) -> T) -> T {
        read(&locked(&self.mails))
    }

    pub(super) async fn wait_for<F>(&self, condition: F, limit: Duration) -> Result<Vec<SmtpMail>>
    where
        F: Fn(&[SmtpMail]) -> bool,
    {
        let mut arrived = self.arrived.subscribe();
        let waiting = async {
            loop {
                arrived.mark_unchanged();
                let met = self.with_mails(|mails| condition(mails).then(|| mails.to_vec()));
                if let Some(mails) = met {
                    return mails;
                }
                // The sender lives in `self`, so that this ends only with a new mail.
                let _changed = arrived.changed().await;
            }
        };
        let met = tokio::time::timeout(limit, waiting).await;
        met.map_err(|_elapsed| anyhow!("waited {limit:?} for mails; these came:\n{}", self.summary()))
    }

    fn summary(&self) -> String {
        let line = |mail: &SmtpMail| {
            let subject = mail.read().map(|read| read.subject).unwrap_or_default();
            format!("  to {:?}: {subject}", mail.to)
        };
        self.with_mails(|mails| mails.iter().map(line).collect::<Vec<_>>().join("\n"))
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
