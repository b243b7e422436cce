//! A private MariaDB.

mod access;

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use nix::sys::signal::Signal;

pub use access::{MariaDbAccess, OnMariaDb};

use crate::account::Account;
use crate::folder::Folder;
use crate::ports::Port;
use crate::supervised::Supervised;
use crate::{logs, programs};

const START_LIMIT: Duration = Duration::from_mins(1);
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// Run by the server at each start, before it takes connections.
const ACCOUNTS: &str = "CREATE USER IF NOT EXISTS 'habeas'@'127.0.0.1' IDENTIFIED BY 'habeas';\n\
                        GRANT ALL PRIVILEGES ON *.* TO 'habeas'@'127.0.0.1' WITH GRANT OPTION;\n";

/// A MariaDB server of its own: free loopback port, temporary data, utf8mb4, 400 connections. What it has committed
/// survives its own death, but is not flushed to disk.
///
/// The user and the password are `habeas`. Dropping it ends its process and removes its data.
#[derive(Debug)]
pub struct MariaDb {
    server: Supervised,
    access: MariaDbAccess,
    port: Port,
    account: Account,
    folder: Arc<Folder>,
    program: PathBuf,
}

impl MariaDb {
    /// Makes a new data folder and starts a server on it; returns when it answers.
    pub async fn start() -> Result<Self> {
        let account = Account::unprivileged(&["mysql", "nobody"])?;
        let folder = Arc::new(Folder::create("mariadb", account)?);
        let port = Port::reserve()?;
        folder.write("accounts.sql", ACCOUNTS, account)?;
        initialise(&folder, account)?;
        let server = Supervised::new("mariadbd", Arc::clone(&folder));
        let access = MariaDbAccess::new(&format!("mysql://habeas:habeas@{}", port.address()));
        let program = programs::find("mariadbd", &[])?;
        let mariadb = Self { server, access, port, account, folder, program };
        mariadb.start_again().await?;
        Ok(mariadb)
    }

    /// The URL of a database on this server; `mysql` exists from the start.
    pub fn url(&self, database: &str) -> String {
        self.access.url(database)
    }

    /// Creates an empty database and returns its URL.
    pub async fn create_database(&self, name: &str) -> Result<String> {
        self.access.create_database(name).await
    }

    /// What a client needs to know about this server.
    pub fn access(&self) -> &MariaDbAccess {
        &self.access
    }

    /// The server's port, which stays the same over restarts.
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// SIGKILL, as in a crash.
    pub fn kill(&self) -> Result<()> {
        self.server.kill()
    }

    /// Ends the server in order.
    pub async fn stop(&self) -> Result<()> {
        self.server.signal(Signal::SIGTERM)?;
        self.server.wait_exit(STOP_LIMIT).await.map(|_status| ())
    }

    /// Starts the killed or stopped server on the same port and data; returns when it answers.
    pub async fn start_again(&self) -> Result<()> {
        self.server.spawn(self.command())?;
        self.server.ready(START_LIMIT, || self.access.ping()).await
    }

    /// An immediate restart: the server is killed and started again, and recovers from its redo log.
    pub async fn restart(&self) -> Result<()> {
        self.kill()?;
        self.start_again().await
    }

    fn command(&self) -> Command {
        let inside = |name: &str| self.folder.path().join(name).display().to_string();
        let mut command = Command::new(&self.program);
        command.args([
            "--no-defaults",
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            "--max-connections=400",
            "--innodb-flush-log-at-trx-commit=2",
        ]);
        command.args(["--character-set-server=utf8mb4", "--collation-server=utf8mb4_unicode_ci"]);
        command.args([
            format!("--datadir={}", inside("data")),
            format!("--tmpdir={}", inside("tmp")),
            format!("--socket={}", inside("socket")),
            format!("--pid-file={}", inside("pid")),
            format!("--init-file={}", inside("accounts.sql")),
            format!("--port={}", self.port.number()),
        ]);
        command.current_dir(self.folder.path());
        self.account.apply(&mut command);
        command
    }
}

fn initialise(folder: &Folder, account: Account) -> Result<()> {
    let data = folder.subfolder("data", account)?;
    let log = folder.path().join("install.log");
    let output = std::fs::File::create(&log)?;
    let mut command = Command::new(programs::find("mariadb-install-db", &[])?);
    command.args(["--no-defaults", "--skip-test-db", "--skip-name-resolve"]);
    command.arg(format!("--datadir={}", data.display()));
    command.arg(format!("--tmpdir={}", folder.subfolder("tmp", account)?.display()));
    command.current_dir(folder.path()).stdout(output.try_clone()?).stderr(output);
    account.apply(&mut command);
    if !command.status().context("running mariadb-install-db")?.success() {
        bail!("mariadb-install-db failed\n{}", logs::tail(&log));
    }
    Ok(())
}
