use chrono::{DateTime, Utc};
use habeas_domain::{Fault, Language, RequestId, Retry, Right};
use habeas_ledger::{LedgerError, Proven, Purpose, StopStanding};
use habeas_vault::VaultError;

use crate::Grant;

/// Whose code a page is about.
#[derive(Clone, Copy)]
pub enum Whose<'a> {
    /// The request of this id, as its receipt names it.
    Request(RequestId),
    /// The request that this link's token belongs to.
    Link(&'a str),
}

/// What the page behind a link shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkState {
    /// It can be confirmed.
    Open {
        /// The person's language.
        language: Language,
        /// What was asked.
        rights: Vec<Right>,
        /// What confirming proves.
        purpose: Purpose,
    },
    /// It is the link of a warning.
    Stop(StopStanding),
    /// It was the link by which the person ends that somebody acts for them, and it did that.
    AgentEnded,
    /// It did its work, and the request takes more.
    More,
    /// It did its work already, and has not ended.
    Used {
        /// What was confirmed.
        purpose: Purpose,
        /// When.
        at: DateTime<Utc>,
    },
    /// It ended, or never was.
    NotValid,
}

/// What pressing the button did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmation {
    /// The proof counts from now on.
    Confirmed(Proven),
    /// It was the link of a warning: the deletion is stopped, or it was too late for that.
    Objected(StopStanding),
    /// It was the link of an agent: the people they asked for are written to.
    AgentProven,
    /// It was the link by which the person ends that somebody acts for them.
    AgentEnded,
    /// It counted before, and changed nothing this time: what was confirmed, and when.
    AlreadyUsed(Purpose, DateTime<Utc>),
    /// It counted before, and the request takes more.
    More,
    /// The link ended, or never was.
    NotValid,
}

/// What typing a code did. The same answer for a wrong code, an old one, one too many, and no such request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeAnswer {
    /// The proof counts from now on.
    Confirmed(Proven),
    /// It was the code of an agent: the people they asked for are written to.
    AgentProven,
    /// It was not the code, or no code is open.
    Refused,
    /// It cannot be a code, whoever asks. It was not counted as a try.
    Malformed,
}

/// What typing a download code did. The same answer for a wrong code, an old one, one too many, and no such package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DownloadAnswer {
    /// The package can be fetched once with this.
    Granted(Grant),
    /// It was not the code, or no code is open.
    Refused,
    /// It cannot be a code, whoever asks. It was not counted as a try.
    Malformed,
}

/// What the page of a package shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackagePage {
    /// The person's language.
    pub language: Language,
    /// When the link ends.
    pub expires_at: DateTime<Utc>,
    /// How often the package can still be fetched.
    pub downloads_left: u32,
}

/// The desk could not answer. Nothing is told by it about any request.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The state database failed.
    #[error("the state database failed")]
    Ledger(#[from] LedgerError),
    /// A code could not be hashed or compared.
    #[error("codes cannot be made or checked now")]
    Vault(#[from] VaultError),
    /// The stores could not be asked.
    #[error("the stores could not be asked: {0}")]
    Files(#[from] Fault),
    /// The settings of a method cannot be used.
    #[error("this way to show who one is cannot be offered; correct its settings")]
    NotOffered,
    /// It took too long.
    #[error("it took too long; try again")]
    TimedOut,
}

impl DeskError {
    /// Whether the person may try again.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Ledger(error) => error.retry(),
            Self::Vault(error) => error.retry(),
            Self::Files(fault) => fault.retry,
            Self::NotOffered => Retry::Never,
            Self::TimedOut => Retry::Later,
        }
    }
}
