use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What the holder of an API token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// See requests, work and audit trails.
    Read,
    /// Hand requests in.
    Submit,
    /// Approve, refuse, extend, withdraw and review; see the person.
    Approve,
    /// Place, see and lift legal holds.
    Hold,
    /// Requeue work, drain, look at queues.
    Operate,
    /// Everything, and make and revoke tokens.
    Admin,
}

/// A text that names no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown scope; use read, submit, approve, hold, operate or admin")]
pub struct UnknownScope;

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 6] =
        [Self::Read, Self::Submit, Self::Approve, Self::Hold, Self::Operate, Self::Admin];

    /// The name used in files and columns.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Submit => "submit",
            Self::Approve => "approve",
            Self::Hold => "hold",
            Self::Operate => "operate",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = UnknownScope;
    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text).ok_or(UnknownScope)
    }
}
