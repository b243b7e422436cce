//! A private Dovecot: IMAP with several users, TLS with a certificate of its own, IDLE.

mod configuration;
mod maildir;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use nix::sys::signal::Signal;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpStream;

use crate::account::Account;
use crate::dovecot::configuration::Configuration;
use crate::folder::Folder;
use crate::ports::Port;
use crate::programs;
use crate::supervised::Supervised;

const START_LIMIT: Duration = Duration::from_secs(30);

/// The password of every user of a private Dovecot.
pub const DOVECOT_PASSWORD: &str = "habeas";

/// A Dovecot server of its own: free loopback ports, temporary mailboxes, a certificate for `localhost`.
///
/// Every user that a test names exists, with an empty mailbox. Dropping it ends its processes and removes its data.
#[derive(Debug)]
pub struct Dovecot {
    server: Supervised,
    plain: Port,
    tls: Port,
    account: Account,
    folder: Arc<Folder>,
    certificate: PathBuf,
    program: PathBuf,
}

impl Dovecot {
    /// Makes new mailboxes and starts a server on them; returns when it answers.
    pub async fn start() -> Result<Self> {
        let account = Account::unprivileged(&["dovenull", "nobody"])?;
        let folder = Arc::new(Folder::create("dovecot", account)?);
        let (plain, tls) = (Port::reserve()?, Port::reserve()?);
        let certificate = certify(&folder, account)?;
        for name in ["run", "state", "mail", "home"] {
            folder.subfolder(name, account)?;
        }
        let configuration = Configuration { folder: folder.path(), plain: plain.number(), tls: tls.number() };
        folder.write("dovecot.conf", &configuration.text()?, account)?;
        let server = Supervised::new("dovecot", Arc::clone(&folder));
        let program = programs::find("dovecot", &[])?;
        let dovecot = Self { server, plain, tls, account, folder, certificate, program };
        dovecot.start_again().await?;
        Ok(dovecot)
    }

    /// The port for IMAP that may go over to TLS by STARTTLS.
    pub fn port(&self) -> u16 {
        self.plain.number()
    }

    /// The port for IMAP over TLS from the first byte.
    pub fn tls_port(&self) -> u16 {
        self.tls.number()
    }

    /// The certificate to trust, as PEM.
    pub fn certificate(&self) -> &Path {
        &self.certificate
    }

    /// SIGKILL, as in a crash.
    pub fn kill(&self) -> Result<()> {
        self.server.kill()
    }

    /// Ends the server in order.
    pub async fn stop(&self) -> Result<()> {
        self.server.signal(Signal::SIGTERM)?;
        self.server.wait_exit(START_LIMIT).await.map(|_status| ())
    }

    /// Starts the killed or stopped server on the same ports and mailboxes; returns when it answers.
    pub async fn start_again(&self) -> Result<()> {
        let mut command = Command::new(&self.program);
        command.arg("-F").arg("-c").arg(self.folder.path().join("dovecot.conf"));
        command.current_dir(self.folder.path());
        self.account.apply(&mut command);
        self.server.spawn(command)?;
        self.server.ready(START_LIMIT, || greeting(self.port())).await
    }

    fn mailbox(&self, user: &str) -> PathBuf {
        self.folder.path().join("mail").join(user)
    }
}

/// Waits for the greeting, so that the login processes are there too.
async fn greeting(port: u16) -> Result<()> {
    let mut line = String::new();
    let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", port)).await?);
    let reading = tokio::time::timeout(Duration::from_secs(2), stream.read_line(&mut line));
    reading.await.context("no greeting")??;
    if !line.starts_with("* OK") {
        bail!("not the greeting of an IMAP server");
    }
    Ok(())
}

fn certify(folder: &Folder, account: Account) -> Result<PathBuf> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    folder.write("key.pem", &made.signing_key.serialize_pem(), account)?;
    folder.write("certificate.pem", &made.cert.pem(), account)
}
