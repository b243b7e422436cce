//! The daemon under attack.

use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context as _, Result};
use habeas_test_support::{Port, SmtpSink, TestDaemon, TextMessages, daemon::DaemonOptions};
use sqlx::{Connection as _, SqliteConnection};
use tempfile::TempDir;

use super::{Letter, Shop, Staff, post_office::PostOffice};

/// The company's privacy address.
pub const OURS: &str = "privacy@mart.test";

/// A running daemon with the embedded default's state, one store, and a mailbox.
pub struct Target {
    /// The company's store.
    pub shop: Shop,
    /// Where the company's mails go.
    pub sink: SmtpSink,
    /// Where its text messages go.
    pub texts: TextMessages,
    /// Who works there.
    pub staff: Staff,
    daemon: TestDaemon,
    port: Port,
    folder: TempDir,
    letters: AtomicU32,
    /// The real way of mails, if they go it.
    office: Option<PostOffice>,
}

impl Target {
    /// Starts it, with more lines of configuration. Mails come in as files.
    pub async fn build(more: &str) -> Result<Self> {
        Self::start(more, None).await
    }

    /// The same, and mails come in over SMTP and IMAP.
    pub async fn build_by_wire(more: &str) -> Result<Self> {
        Self::start(more, Some(PostOffice::open().await?)).await
    }

    async fn start(more: &str, office: Option<PostOffice>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let files = format!("kind = \"folder\"\npath = \"{}/inbox\"\n", folder.path().display());
        let mailbox =
            office.as_ref().map(|office| office.mailbox(folder.path())).transpose()?.unwrap_or(files);
        let shop = Shop::open(folder.path()).await?;
        let (sink, texts) = (SmtpSink::start().await?, TextMessages::start().await?);
        let port = Port::reserve()?;
        let settings = configuration(&folder, &port, (&sink, &texts), (more, &mailbox));
        std::fs::write(folder.path().join("habeas.toml"), settings)?;
        let options = DaemonOptions::new().arg("serve").current_dir(folder.path()).ready_port(port.number());
        let daemon = TestDaemon::start(options).await?;
        let token =
            std::fs::read_to_string(folder.path().join("data/admin.token")).context("the first token")?;
        let staff = Staff::new(format!("http://127.0.0.1:{}", port.number()), token.trim())?;
        Ok(Self { shop, sink, texts, staff, daemon, port, folder, letters: AtomicU32::new(0), office })
    }

    /// Where the pages are.
    pub fn pages(&self) -> String {
        format!("http://127.0.0.1:{}", self.port.number())
    }

    /// Hands a mail over as a mail server does: whole, or not at all.
    pub fn deliver(&self, letter: &Letter) -> Result<()> {
        if let Some(office) = &self.office {
            return office.send(letter);
        }
        self.deliver_raw(letter.raw().as_bytes())
    }

    /// The same for bytes that keep to no rule.
    pub fn deliver_raw(&self, raw: &[u8]) -> Result<()> {
        if let Some(office) = &self.office {
            return office.send_raw(raw);
        }
        let number = self.letters.fetch_add(1, Ordering::Relaxed);
        let inbox = self.folder.path().join("inbox");
        let (aside, file) = (inbox.join(format!("{number:04}.tmp")), inbox.join(format!("{number:04}.eml")));
        std::fs::write(&aside, raw)?;
        Ok(std::fs::rename(aside, file)?)
    }

    /// Runs a command of the program to its end and returns what it printed.
    pub fn run(&self, arguments: &[&str]) -> Result<String> {
        let options = DaemonOptions::new().args(arguments.iter().copied()).current_dir(self.folder.path());
        tokio::task::block_in_place(|| options.run())
    }

    /// Changes the daemon's own state, as time would.
    pub async fn age(&self, sql: &'static str) -> Result<()> {
        let url = format!("sqlite://{}", self.folder.path().join("data/state.db").display());
        let mut state = SqliteConnection::connect(&url).await?;
        sqlx::raw_sql(sql).execute(&mut state).await?;
        Ok(state.close().await?)
    }

    /// Everything that the daemon wrote about itself.
    pub fn log(&self) -> Result<String> {
        self.daemon.output()
    }
}

fn configuration(
    folder: &TempDir,
    port: &Port,
    (sink, texts): (&SmtpSink, &TextMessages),
    (more, mailbox): (&str, &str),
) -> String {
    format!(
        r#"data_dir = "data"
[http]
listen = "127.0.0.1:{port}"
trusted_proxies = ["127.0.0.1"]
[mail]
kind = "smtp"
host = "{host}"
port = {smtp}
security = "plain"
from_address = "{OURS}"
plus_addresses = true
[controller]
name_en = "Mart of the Tests"
[stores]
folder = "{folder}/stores"
[requests]
default_regime = "eu_gdpr"
[approval.eu_gdpr]
deletion = "automatic"
correction = "automatic"
[verification.sms]
url = "{texts}"
{more}
[[mailboxes]]
name = "privacy"
{mailbox}poll_seconds = 1
own_addresses = ["{OURS}"]
trusted_authserv_ids = ["mx.mart.test"]
answers_per_sender_per_day = 10
"#,
        port = port.number(),
        folder = folder.path().display(),
        host = sink.host(),
        smtp = sink.port(),
        texts = texts.url(),
    )
}
