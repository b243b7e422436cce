//! A private PostgreSQL.

mod access;

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use nix::sys::signal::Signal;

pub use access::{OnPostgres, PostgresAccess};

use crate::account::Account;
use crate::folder::Folder;
use crate::ports::Port;
use crate::supervised::Supervised;
use crate::{logs, programs};

const START_LIMIT: Duration = Duration::from_mins(1);
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// A PostgreSQL server of its own: free loopback port, temporary data, 400 connections.
///
/// What it has committed survives its own death, but is flushed to disk only by [`Self::start_durable`]: tests kill
/// servers, not machines, and would wait for a busy disk. It speaks TCP only, with the user and password `habeas`. Dropping it ends all its processes and removes its data.
#[derive(Debug)]
pub struct Postgres {
    server: Supervised,
    access: PostgresAccess,
    port: Port,
    account: Account,
    folder: Arc<Folder>,
    programs: PathBuf,
    durable: bool,
}

impl Postgres {
    /// Makes a new database cluster and starts it; returns when it answers.
    pub async fn start() -> Result<Self> {
        Self::start_with(false).await
    }

    /// The same with `fsync` on, as in production: for what is measured.
    pub async fn start_durable() -> Result<Self> {
        Self::start_with(true).await
    }

    async fn start_with(durable: bool) -> Result<Self> {
        let account = Account::unprivileged(&["postgres", "nobody"])?;
        let folder = Arc::new(Folder::create("postgres", account)?);
        let port = Port::reserve()?;
        let programs = programs()?;
        initialise(&folder, account, &programs)?;
        let server = Supervised::new("postgres", Arc::clone(&folder));
        let access = PostgresAccess::new(&format!("postgres://habeas:habeas@{}", port.address()));
        let postgres = Self { server, access, port, account, folder, programs, durable };
        postgres.start_again().await?;
        Ok(postgres)
    }

    /// The URL of a database on this server; `postgres` exists from the start.
    pub fn url(&self, database: &str) -> String {
        self.access.url(database)
    }

    /// Creates an empty database and returns its URL.
    pub async fn create_database(&self, name: &str) -> Result<String> {
        self.access.create_database(name).await
    }

    /// What a client needs to know about this server.
    pub fn access(&self) -> &PostgresAccess {
        &self.access
    }

    /// The server's port, which stays the same over restarts.
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// SIGKILL to the server and all its children, as in a crash.
    pub fn kill(&self) -> Result<()> {
        self.server.kill()
    }

    /// Ends the server in order (connections are cut, a checkpoint is written).
    pub async fn stop(&self) -> Result<()> {
        self.server.signal(Signal::SIGINT)?;
        self.server.wait_exit(STOP_LIMIT).await.map(|_status| ())
    }

    /// Starts the killed or stopped server on the same port and data; returns when it answers.
    pub async fn start_again(&self) -> Result<()> {
        self.server.spawn(self.command())?;
        self.server.ready(START_LIMIT, || self.access.ping()).await
    }

    /// An immediate restart: the server is killed and started again, and recovers from its write-ahead log.
    pub async fn restart(&self) -> Result<()> {
        self.kill()?;
        self.start_again().await
    }

    fn command(&self) -> Command {
        let mut command = Command::new(self.programs.join("postgres"));
        command.arg("-D").arg(self.folder.path().join("data"));
        command.args(["-p", &self.port.number().to_string(), "-h", "127.0.0.1"]);
        let fsync = if self.durable { "fsync=on" } else { "fsync=off" };
        for setting in ["unix_socket_directories=", "max_connections=400", fsync, "log_min_messages=warning"]
        {
            command.args(["-c", setting]);
        }
        command.current_dir(self.folder.path());
        self.account.apply(&mut command);
        command
    }
}

/// The folder of the newest installed version's programs.
fn programs() -> Result<PathBuf> {
    let folders = programs::versioned("/usr/lib/postgresql", "bin");
    let server = programs::find("postgres", &folders)?;
    server.parent().map(PathBuf::from).context("a program lies in a folder")
}

fn initialise(folder: &Folder, account: Account, programs: &std::path::Path) -> Result<()> {
    let password = folder.write("password", "habeas\n", account)?;
    let log = folder.path().join("initdb.log");
    let output = std::fs::File::create(&log)?;
    let mut command = Command::new(programs.join("initdb"));
    command.arg("-D").arg(folder.path().join("data")).arg("--pwfile").arg(password);
    // A password is asked for and checked, but as it is: thousands of connections would each hash it 4,096 times, in a
    // program that is built without optimisation.
    command.args(["-U", "habeas", "--auth=password", "--encoding=UTF8", "--locale=C", "--no-sync"]);
    command.current_dir(folder.path()).stdout(output.try_clone()?).stderr(output);
    account.apply(&mut command);
    if !command.status().context("running initdb")?.success() {
        bail!("initdb failed\n{}", logs::tail(&log));
    }
    Ok(())
}
