//! The account that a server runs under: servers that refuse root get an unprivileged one.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use nix::unistd::{User, geteuid};

/// An unprivileged account, or the present one when that is unprivileged already.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account(Option<(u32, u32)>);

impl Account {
    /// The present account.
    pub(crate) const PRESENT: Self = Self(None);

    /// The first existing of `names` when running as root, the present account otherwise.
    pub(crate) fn unprivileged(names: &[&str]) -> Result<Self> {
        if !geteuid().is_root() {
            return Ok(Self::PRESENT);
        }
        for name in names {
            if let Some(user) = User::from_name(name).context("reading the accounts of this machine")? {
                return Ok(Self(Some((user.uid.as_raw(), user.gid.as_raw()))));
            }
        }
        bail!("running as root, and none of the accounts {names:?} exists to run the server under")
    }

    /// Makes `command` run under this account.
    pub(crate) fn apply(self, command: &mut Command) {
        if let Self(Some((uid, gid))) = self {
            command.uid(uid).gid(gid);
        }
    }

    /// Hands a file or folder to this account.
    pub(crate) fn own(self, path: &Path) -> Result<()> {
        if let Self(Some((uid, gid))) = self {
            std::os::unix::fs::chown(path, Some(uid), Some(gid))
                .with_context(|| format!("handing {} to uid {uid}", path.display()))?;
        }
        Ok(())
    }
}
