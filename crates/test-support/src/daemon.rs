//! The `habeas` program as a child process.

mod binary;
mod options;

use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use nix::sys::signal::Signal;

pub use binary::habeas;
pub use options::DaemonOptions;

use crate::account::Account;
use crate::folder::Folder;
use crate::http;
use crate::supervised::Supervised;

const READY_LIMIT: Duration = Duration::from_mins(1);

/// A `habeas` process in its own process group, with its output in files. Dropping it kills it.
#[derive(Debug)]
pub struct TestDaemon {
    process: Supervised,
    options: DaemonOptions,
    folder: Arc<Folder>,
}

impl TestDaemon {
    /// Starts the program; with a port in the options, returns when `GET /readyz` there answers 200.
    pub async fn start(options: DaemonOptions) -> Result<Self> {
        let folder = Arc::new(Folder::create("daemon", Account::PRESENT)?);
        let process = Supervised::new("habeas", Arc::clone(&folder));
        let daemon = Self { process, options, folder };
        daemon.start_again().await?;
        Ok(daemon)
    }

    /// Starts the program again with the same options, after it has ended.
    pub async fn start_again(&self) -> Result<()> {
        self.spawn()?;
        self.ready(READY_LIMIT).await
    }

    /// Starts the program again with the same options and returns at once.
    pub fn spawn(&self) -> Result<()> {
        self.process.kill()?;
        self.process.spawn(self.options.command()?)
    }

    /// Waits until `GET /readyz` answers 200; returns at once when the options name no port.
    pub async fn ready(&self, limit: Duration) -> Result<()> {
        let Some(port) = self.options.port() else { return Ok(()) };
        let client = http::client()?;
        let url = format!("http://127.0.0.1:{port}/readyz");
        let answers = || async {
            let answer = client.get(&url).timeout(Duration::from_secs(5)).send().await?;
            if answer.status().is_success() {
                return Ok(());
            }
            let (status, text) = (answer.status(), answer.text().await.unwrap_or_default());
            Err(anyhow!("{url} answered {status}: {text}"))
        };
        self.process.ready(limit, answers).await
    }

    /// The process id while it runs.
    pub fn pid(&self) -> Option<i32> {
        self.process.pid()
    }

    /// Whether it runs.
    pub fn is_running(&self) -> bool {
        self.pid().is_some() && matches!(self.process.exited(), Ok(None))
    }

    /// SIGKILL, as in a crash; returns when it is gone.
    pub fn sigkill(&self) -> Result<()> {
        self.process.kill()
    }

    /// SIGSTOP: the process freezes with its connections open.
    pub fn sigstop(&self) -> Result<()> {
        self.process.signal_group(Signal::SIGSTOP)
    }

    /// SIGCONT: the frozen process goes on.
    pub fn sigcont(&self) -> Result<()> {
        self.process.signal_group(Signal::SIGCONT)
    }

    /// SIGTERM: the process drains and ends.
    pub fn sigterm(&self) -> Result<()> {
        self.process.signal(Signal::SIGTERM)
    }

    /// Waits until the process has ended by itself.
    pub async fn wait_exit(&self, limit: Duration) -> Result<ExitStatus> {
        self.process.wait_exit(limit).await
    }

    /// All that it has printed so far, standard output and standard error together, over all its starts.
    pub fn output(&self) -> Result<String> {
        let bytes = std::fs::read(self.process.log_path()).context("reading the output")?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// A temporary folder that lives as long as this value, for its data.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}
