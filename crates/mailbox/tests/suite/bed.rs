//! A ledger on an empty database of its own, and mails that can be told apart.

use std::{path::Path, sync::Arc, time::Duration};

use habeas_domain::{Ids, Personal, SystemClock, SystemEntropy};
use habeas_ledger::{Ledger, LedgerOptions, ReceivedMailFilter, ReceivedMailView};
use habeas_mailbox::source::{
    Bell,
    imap::{ImapLogin, ImapOptions, ImapReader, ImapSecret},
};
use habeas_test_support::{DOVECOT_PASSWORD, Dovecot, wait};
use habeas_vault::{CodeOptions, KeyRing, Vault};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Longer than anything takes.
pub(crate) const LIMIT: Duration = Duration::from_mins(2);

pub(crate) struct Bed {
    pub(crate) ledger: Ledger,
    _folder: TempDir,
}

impl Bed {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = habeas_test_support::state::sqlite(folder.path()).await.unwrap();
        let db = LedgerOptions::new(url).open().await.unwrap();
        let ring = KeyRing::generate(&SystemEntropy, &SystemClock);
        let vault = Vault::new(&ring, Arc::new(SystemEntropy), CodeOptions::default()).unwrap();
        let ids = Ids::new(Arc::new(SystemClock), Arc::new(SystemEntropy));
        Self { ledger: Ledger::new(db, vault, ids), _folder: folder }
    }

    pub(crate) async fn mails(&self) -> Vec<ReceivedMailView> {
        self.ledger.list_mails(&ReceivedMailFilter::default(), None, 500).await.unwrap().items
    }

    /// Waits until so many mails are stored, and looks that they stay so many.
    pub(crate) async fn stored(&self, count: usize) {
        let what = format!("{count} mails to be stored");
        wait::until(what, LIMIT, || async { self.mails().await.len() >= count }).await.unwrap();
        assert_eq!(self.mails().await.len(), count);
    }

    /// Whether a folder was connected to, and whether it was read to its end.
    pub(crate) async fn opened_and_read(&self) -> (bool, bool) {
        let standings = self.ledger.mailbox_standings().await.unwrap();
        (!standings.is_empty(), standings.iter().any(|one| one.read_at.is_some()))
    }

    /// The first lines of the mails, oldest first.
    pub(crate) async fn subjects(&self) -> Vec<String> {
        let mut subjects = Vec::new();
        for mail in self.mails().await.iter().rev() {
            let raw = self.ledger.raw_mail(mail.id).await.unwrap();
            let text = String::from_utf8_lossy(raw.expose()).into_owned();
            let subject = text.lines().find_map(|line| line.strip_prefix("Subject: "));
            subjects.push(subject.unwrap_or_default().to_owned());
        }
        subjects
    }

    pub(crate) fn read(&self, options: ImapOptions) -> Running {
        let stop = CancellationToken::new();
        let reader = ImapReader::new(options, self.ledger.clone(), Bell::default());
        Running { task: tokio::spawn(reader.run(stop.clone())), stop }
    }
}

/// A reader that runs until it is stopped, or killed.
pub(crate) struct Running {
    task: JoinHandle<()>,
    stop: CancellationToken,
}

impl Running {
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        tokio::time::timeout(LIMIT, self.task).await.unwrap().unwrap();
    }

    /// As if its process were killed.
    pub(crate) async fn kill(self) {
        self.task.abort();
        assert!(self.task.await.is_err());
    }
}

/// A mail with this subject.
pub(crate) fn mail(subject: &str) -> Vec<u8> {
    format!(
        "From: Hanako <hanako@example.jp>\r\nTo: privacy@example.com\r\nMessage-ID: <{subject}@example.jp>\r\n\
         Subject: {subject}\r\n\r\nPlease send me my data.\r\n"
    )
    .into_bytes()
}

/// How to read a user's inbox, over TLS, from the beginning of time.
pub(crate) fn options(dovecot: &Dovecot, user: &str) -> ImapOptions {
    let password = ImapSecret::Fixed(Personal::new(DOVECOT_PASSWORD.to_owned()));
    let mut options = ImapOptions::new(user, "localhost", user, ImapLogin::Password(password));
    options.port = dovecot.tls_port();
    options.extra_root = Some(std::fs::read(dovecot.certificate()).unwrap());
    options.cut_off = Some(chrono::DateTime::UNIX_EPOCH);
    options.limit = Duration::from_secs(30);
    options.retry = Duration::from_millis(50);
    options
}

pub(crate) fn write(folder: &Path, name: &str, raw: &[u8]) {
    std::fs::write(folder.join(name), raw).unwrap();
}
