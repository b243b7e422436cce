//! What a process does.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One part of the daemon. Each can run in a process of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The HTTP API and the pages.
    Api,
    /// Takes submissions from the public queue.
    Intake,
    /// Reads the mailboxes and acts on their mails.
    Mailbox,
    /// Makes and mails challenges.
    Verification,
    /// Resolves, fans out, runs tasks, concludes.
    Fulfilment,
    /// Sends mails.
    Notification,
    /// Reconciles, sweeps the outbox, watches the dates.
    Housekeeping,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 7] = [
        Self::Api,
        Self::Intake,
        Self::Mailbox,
        Self::Verification,
        Self::Fulfilment,
        Self::Notification,
        Self::Housekeeping,
    ];

    /// The name on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Intake => "intake",
            Self::Mailbox => "mailbox",
            Self::Verification => "verification",
            Self::Fulfilment => "fulfilment",
            Self::Notification => "notification",
            Self::Housekeeping => "housekeeping",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown role; use api, intake, mailbox, verification, fulfilment, notification, housekeeping")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;
    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(UnknownRole)
    }
}
