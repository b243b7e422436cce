use habeas_domain::{
    AcknowledgementRefused, Fault, IllegalTransition, Retry, approval::ApprovalRefused, paper::PaperRefused,
    review::ReviewRefused, verification::EvidenceRefused,
};
use habeas_vault::VaultError;
use sea_orm::{DbErr, RuntimeErr, SqlErr};

use crate::closing::ClosingRefused;

/// Why the state database could not do what was asked. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The database did not answer, or refused.
    #[error("the state database failed")]
    Database(#[source] DbErr),
    /// Something sealed did not open, or could not be sealed.
    #[error("a sealed column of the state database could not be read or written")]
    Vault(#[from] VaultError),
    /// No such row.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The present state does not allow it.
    #[error(transparent)]
    Illegal(#[from] IllegalTransition),
    /// The approval does not count.
    #[error(transparent)]
    Approval(#[from] ApprovalRefused),
    /// The evidence does not count.
    #[error(transparent)]
    Evidence(#[from] EvidenceRefused),
    /// That is not possible with a paper.
    #[error(transparent)]
    Paper(#[from] PaperRefused),
    /// The receipt cannot be marked as confirmed.
    #[error(transparent)]
    Acknowledgement(#[from] AcknowledgementRefused),
    /// The decision about a finding does not count.
    #[error(transparent)]
    Review(#[from] ReviewRefused),
    /// That is not possible with a store as it stands.
    #[error(transparent)]
    Closing(#[from] ClosingRefused),
    /// A column holds what this release cannot read.
    #[error("table {table}, column {column}, row {row}: not readable by this release")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's id.
        row: String,
    },
    /// A checkpoint of the audit trail could not be written to its file or read from it.
    #[error("the checkpoint could not be written or read")]
    Export(#[source] std::io::Error),
    /// A line of a checkpoint is not what a checkpoint holds.
    #[error("line {line} of the checkpoint is not readable; export it again or take another copy")]
    Checkpoint {
        /// Which line, from 1.
        line: u64,
    },
    /// The personal data of this request were destroyed at the end of their retention.
    #[error("the personal data of this request are gone: their retention is over")]
    Erased,
}

impl LedgerError {
    /// Whether trying again helps.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Database(error) if is_of_a_value(error) => Retry::Never,
            Self::Database(error) => match error {
                DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => Retry::Later,
                DbErr::Exec(RuntimeErr::SqlxError(_)) | DbErr::Query(RuntimeErr::SqlxError(_)) => {
                    Retry::Later
                }
                _ => Retry::Never,
            },
            Self::Vault(error) => error.retry(),
            _ => Retry::Never,
        }
    }

    /// Whether two transactions wanted to write the same row first, so that the later one finds it when it tries
    /// again, or held each other up until the database gave up one of them.
    pub(crate) fn is_race(&self) -> bool {
        match self {
            Self::Database(error) => {
                matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) || is_deadlock(error)
            }
            _ => false,
        }
    }
}

/// PostgreSQL's `deadlock_detected`: the transaction was undone, and may be tried again at once.
fn is_deadlock(error: &DbErr) -> bool {
    has_code(error, |code| code == "40P01")
}

/// PostgreSQL's class 22, `data_exception`: it takes this value neither now nor later, such as a text with a NUL.
fn is_of_a_value(error: &DbErr) -> bool {
    has_code(error, |code| code.len() == 5 && code.starts_with("22"))
}

fn has_code(error: &DbErr, is_meant: impl Fn(&str) -> bool) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) = error
    else {
        return false;
    };
    let Some(error) = cause.as_database_error() else { return false };
    error.code().is_some_and(|code| is_meant(&code))
}

impl From<DbErr> for LedgerError {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}

impl From<LedgerError> for Fault {
    fn from(error: LedgerError) -> Self {
        let code = match &error {
            LedgerError::Database(_) => "ledger-unavailable",
            LedgerError::Vault(_) => "ledger-sealed",
            LedgerError::NotFound(_) => "ledger-missing",
            LedgerError::Illegal(_)
            | LedgerError::Approval(_)
            | LedgerError::Evidence(_)
            | LedgerError::Paper(_)
            | LedgerError::Acknowledgement(_)
            | LedgerError::Review(_)
            | LedgerError::Closing(_) => "ledger-refused",
            LedgerError::Corrupt { .. } => "ledger-corrupt",
            LedgerError::Export(_) | LedgerError::Checkpoint { .. } => "ledger-export",
            LedgerError::Erased => "ledger-erased",
        };
        Self { code: code.to_owned(), detail: error.to_string(), retry: error.retry() }
    }
}
