//! What a process does.

use habeas_domain::words;
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

words!(Role, or UnknownRole:
    Api = "api", Intake = "intake", Mailbox = "mailbox", Verification = "verification",
    Fulfilment = "fulfilment", Notification = "notification", Housekeeping = "housekeeping",
);

/// A text that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown role; use api, intake, mailbox, verification, fulfilment, notification, housekeeping")]
pub struct UnknownRole;
