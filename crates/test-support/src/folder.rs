//! A server's temporary folder, with a watcher that cleans up when the test process ends, however it ends.

use std::collections::BTreeSet;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result};

use crate::account::Account;

/// Reads its input, which ends when the test process does; then ends the process groups and removes the folder.
const WATCHER: &str = r#"
cat >/dev/null
for group in $(cat "$1/groups" 2>/dev/null); do kill -s KILL -- "-$group" 2>/dev/null; done
tries=0
until rm -rf "$1" 2>/dev/null || [ "$tries" -ge 50 ]; do tries=$((tries + 1)); sleep 0.1; done
"#;

/// A temporary folder that is removed on drop, and when the test process is killed. In the latter case the process
/// groups that were named to it are ended first: a `Drop` does not run on SIGKILL.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    watcher: Mutex<Child>,
    groups: Mutex<BTreeSet<u32>>,
}

impl Folder {
    /// Creates the folder, owned by `account`.
    pub(crate) fn create(name: &str, account: Account) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix(&format!("habeas-{name}-")).tempdir()?;
        account.own(folder.path())?;
        let path = folder.keep();
        let watcher = watch(&path)?;
        Ok(Self { path, watcher: Mutex::new(watcher), groups: Mutex::default() })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Creates a folder inside, owned by `account`.
    pub(crate) fn subfolder(&self, name: &str, account: Account) -> Result<PathBuf> {
        let path = self.path.join(name);
        std::fs::create_dir_all(&path).with_context(|| format!("creating {}", path.display()))?;
        account.own(&path)?;
        Ok(path)
    }

    /// Writes a file inside, readable by `account`.
    pub(crate) fn write(&self, name: &str, text: &str, account: Account) -> Result<PathBuf> {
        let path = self.path.join(name);
        std::fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
        account.own(&path)?;
        Ok(path)
    }

    /// The watcher ends this process group if the test process is killed.
    pub(crate) fn watch_group(&self, group: u32) -> Result<()> {
        self.change_groups(|groups| groups.insert(group))
    }

    /// The process group has ended.
    pub(crate) fn forget_group(&self, group: u32) -> Result<()> {
        self.change_groups(|groups| groups.remove(&group))
    }

    fn change_groups(&self, change: impl FnOnce(&mut BTreeSet<u32>) -> bool) -> Result<()> {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut groups);
        let text: Vec<String> = groups.iter().map(u32::to_string).collect();
        std::fs::write(self.path.join("groups"), text.join("\n"))
            .context("writing the list of process groups")
    }
}

fn watch(path: &Path) -> Result<Child> {
    Command::new("/bin/sh")
        .args(["-c", WATCHER, "habeas-test-watcher"])
        .arg(path)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .current_dir("/")
        .process_group(0)
        .spawn()
        .context("starting the watcher of a test server")
}

impl Drop for Folder {
    fn drop(&mut self) {
        let watcher = self.watcher.get_mut().unwrap_or_else(PoisonError::into_inner);
        drop(watcher.stdin.take());
        let _ended = watcher.wait();
    }
}
