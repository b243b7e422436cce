//! A child process in its own process group, with its output in a log file.

use std::fs::OpenOptions;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use crate::folder::Folder;
use crate::processes::{descendants, is_alive, of_group};
use crate::{logs, wait};

const KILL_LIMIT: Duration = Duration::from_secs(10);

/// A child process that can be killed, stopped and started again. Dropping it kills it and all its descendants.
#[derive(Debug)]
pub(crate) struct Supervised {
    name: &'static str,
    child: Mutex<Option<Child>>,
    folder: Arc<Folder>,
    log: PathBuf,
}

impl Supervised {
    /// A process that is not started yet; its output goes to `<name>.log` in the folder.
    pub(crate) fn new(name: &'static str, folder: Arc<Folder>) -> Self {
        let log = folder.path().join(format!("{name}.log"));
        Self { name, child: Mutex::new(None), folder, log }
    }

    /// Starts `command` as the leader of a new process group.
    pub(crate) fn spawn(&self, mut command: Command) -> Result<()> {
        let mut child = self.child();
        if child.is_some() {
            bail!("{} is running already", self.name);
        }
        let log = OpenOptions::new().create(true).append(true).open(&self.log)?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).process_group(0);
        let started = command.spawn().with_context(|| format!("starting {}", self.name))?;
        self.folder.watch_group(started.id())?;
        *child = Some(started);
        Ok(())
    }

    /// The process id, which is also that of its group, while it runs.
    pub(crate) fn pid(&self) -> Option<i32> {
        self.child().as_ref().and_then(|child| i32::try_from(child.id()).ok())
    }

    /// The exit status if the process has ended by itself.
    pub(crate) fn exited(&self) -> Result<Option<ExitStatus>> {
        self.child().as_mut().map_or(Ok(None), |child| child.try_wait().context("asking for the exit status"))
    }

    /// Waits until `attempt` succeeds; fails, with the end of the log, when the process ends or `limit` has passed.
    pub(crate) async fn ready<F, C>(&self, limit: Duration, attempt: F) -> Result<()>
    where
        F: FnMut() -> C,
        C: Future<Output = Result<()>>,
    {
        let ended = wait::value("the process to end", limit * 2, || async { self.exited().ok().flatten() });
        let ready = tokio::select! {
            ready = wait::ok(format!("{} to answer", self.name), limit, attempt) => ready,
            status = ended => status.and_then(|status| Err(anyhow!("{} ended with {status}", self.name))),
        };
        ready.map_err(|failure| anyhow!("{failure:#}\n{}", self.log_tail()))
    }

    /// The end of its log.
    pub(crate) fn log_tail(&self) -> String {
        format!("--- end of {}:\n{}", self.log.display(), logs::tail(&self.log))
    }

    pub(crate) fn log_path(&self) -> &Path {
        &self.log
    }

    /// Sends a signal to the process itself.
    pub(crate) fn signal(&self, signal: Signal) -> Result<()> {
        let pid = self.pid().with_context(|| format!("{} is not running", self.name))?;
        kill(Pid::from_raw(pid), signal).with_context(|| format!("sending {signal} to {}", self.name))
    }

    /// Sends a signal to the whole process group.
    pub(crate) fn signal_group(&self, signal: Signal) -> Result<()> {
        let pid = self.pid().with_context(|| format!("{} is not running", self.name))?;
        killpg(Pid::from_raw(pid), signal)
            .with_context(|| format!("sending {signal} to the group of {}", self.name))
    }

    /// Waits until the process has ended by itself and all that it started is gone.
    pub(crate) async fn wait_exit(&self, limit: Duration) -> Result<ExitStatus> {
        let what = format!("{} to end", self.name);
        let status = wait::value(what, limit, || async { self.exited().ok().flatten() })
            .await
            .map_err(|failure| anyhow!("{failure}\n{}", self.log_tail()))?;
        self.kill()?;
        Ok(status)
    }

    /// SIGKILL to the process, its group and all its descendants; returns when all of them are gone.
    pub(crate) fn kill(&self) -> Result<()> {
        let Some(mut child) = self.child().take() else { return Ok(()) };
        let leader = i32::try_from(child.id())?;
        let group = Pid::from_raw(leader);
        let mut family = Vec::new();
        if child.try_wait()?.is_none() {
            // A stopped leader starts no further children while they are being counted.
            let _gone_already = kill(group, Signal::SIGSTOP);
            family = descendants(leader);
            family.push(leader);
        }
        family.extend(of_group(leader));
        for pid in &family {
            let _gone_already = kill(Pid::from_raw(*pid), Signal::SIGKILL);
        }
        child.wait().with_context(|| format!("waiting for the end of {}", self.name))?;
        self.folder.forget_group(child.id())?;
        if !wait::blocking(KILL_LIMIT, || family.iter().all(|pid| !is_alive(*pid))) {
            bail!("processes of {} survived SIGKILL", self.name);
        }
        Ok(())
    }

    fn child(&self) -> MutexGuard<'_, Option<Child>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        let _best_effort = self.kill();
    }
}
