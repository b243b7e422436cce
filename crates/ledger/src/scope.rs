use habeas_domain::words;
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

words!(Scope, or UnknownScope:
    Read = "read", Submit = "submit", Approve = "approve", Hold = "hold", Operate = "operate",
    Admin = "admin",
);

/// A text that names no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown scope; use read, submit, approve, hold, operate or admin")]
pub struct UnknownScope;
