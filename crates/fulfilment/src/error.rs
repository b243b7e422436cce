use std::error::Error;

use habeas_connector_api::StoreError;
use habeas_domain::{CollectionName, Fault, FieldName, StoreName};
use habeas_ledger::LedgerError;
use habeas_package::PackageError;
use habeas_registry::PlanError;
use habeas_vault::VaultError;

use crate::{Review, object::ObjectError};

/// Why a piece of fulfilment failed. Holds names of stores, collections and fields, never values.
#[derive(Debug, thiserror::Error)]
pub enum FulfilmentError {
    /// A store failed.
    #[error("the store {store} failed")]
    Store {
        /// Which store.
        store: StoreName,
        /// Why.
        #[source]
        source: StoreError,
    },
    /// No manifest declares the store, or the daemon has no connection to it.
    #[error("the store {0} is not registered here; add its manifest, or end its tasks")]
    UnknownStore(StoreName),
    /// The deletion cannot be ordered.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The manifest changed after the plan was approved.
    #[error(
        "the manifest of store {0} is not the one that this plan was approved for; have it planned anew with `habeas request plan-anew`, or end the job with what was done"
    )]
    PlanChanged(StoreName),
    /// A correction would change more different values than a person can look at.
    #[error(
        "{store}, {collection}: {field} holds too many different values of one person to correct them all"
    )]
    TooManyValues {
        /// Which store.
        store: StoreName,
        /// Which collection.
        collection: CollectionName,
        /// Which field.
        field: FieldName,
    },
    /// A person has to look before this can be planned.
    #[error("a person has to look: {0}")]
    Review(Review),
    /// A row of somebody else would be changed by the store itself.
    #[error(
        "{store}, {collection}: rows that are somebody else's refer to what is to be deleted, and the store would take or empty them with it; untie them there first"
    )]
    TakesOthers {
        /// Which store.
        store: StoreName,
        /// The collection of those rows.
        collection: CollectionName,
    },
    /// What was read back is not what should be left.
    #[error("{store}, {collection}: {left} rows are not as they should be after the change")]
    NotProven {
        /// Which store.
        store: StoreName,
        /// Which collection.
        collection: CollectionName,
        /// How many rows.
        left: u64,
    },
    /// The state database failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Something could not be sealed or opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The object store failed.
    #[error(transparent)]
    Object(#[from] ObjectError),
    /// The package could not be made.
    #[error("the package could not be made")]
    Package(#[from] PackageError),
    /// A stored plan, report or key book is not readable by this release.
    #[error("{what} is not readable by this release")]
    Unreadable {
        /// What.
        what: &'static str,
        /// Why.
        #[source]
        source: JsonProblem,
    },
    /// What the work is about is no longer there.
    #[error("the {0} of this work is gone; its retention may be over")]
    Gone(&'static str),
    /// The digest of a package is not one: what a person downloads could not be compared with it.
    #[error("the digest of the package is not 64 hexadecimal digits")]
    Digest,
    /// A part of this process ended early.
    #[error("a helper thread ended early")]
    Thread,
}

impl FulfilmentError {
    /// As a failure of work, for storing and showing. The texts of all its causes are joined.
    pub fn to_fault(&self) -> Fault {
        match self {
            Self::Store { store, source } => {
                let fault = source.to_fault();
                Fault { detail: format!("store {store}: {}", fault.detail), ..fault }
            }
            Self::UnknownStore(_) => Fault::permanent("store-unknown", self.to_string()),
            Self::Plan(_) => Fault::permanent("plan-impossible", self.to_string()),
            Self::PlanChanged(_) => Fault::permanent("plan-changed", self.to_string()),
            Self::Review(_) => Fault::permanent("review-needed", self.to_string()),
            Self::TakesOthers { .. } => Fault::permanent("takes-others", self.to_string()),
            Self::NotProven { .. } => Fault::temporary("not-proven", self.to_string()),
            Self::Ledger(error) => {
                Fault { code: "ledger".to_owned(), detail: error.to_string(), retry: error.retry() }
            }
            Self::Vault(error) => {
                Fault { code: "vault".to_owned(), detail: error.to_string(), retry: error.retry() }
            }
            Self::Object(error) => error.to_fault(),
            Self::Package(error) => {
                Fault { code: "package".to_owned(), detail: package_detail(error), retry: error.retry() }
            }
            Self::TooManyValues { .. } => Fault::permanent("too-many-values", self.to_string()),
            Self::Unreadable { what, source } => {
                Fault::permanent("unreadable", format!("{what} is not readable by this release: {source}"))
            }
            Self::Gone(_) => Fault::permanent("gone", self.to_string()),
            Self::Digest => Fault::permanent("package-digest", self.to_string()),
            Self::Thread => Fault::temporary("thread", self.to_string()),
        }
    }

    pub(crate) fn of_store(store: &StoreName) -> impl Fn(StoreError) -> Self + '_ {
        move |source| Self::Store { store: store.clone(), source }
    }

    pub(crate) fn unreadable(what: &'static str) -> impl Fn(serde_json::Error) -> Self {
        move |error| Self::Unreadable { what, source: JsonProblem::from(&error) }
    }
}

/// The error with its causes, except that a template engine may quote what it was rendering.
fn package_detail(error: &PackageError) -> String {
    let mut detail = error.to_string();
    let mut cause = if matches!(error, PackageError::Render(_)) { None } else { error.source() };
    while let Some(source) = cause {
        detail.push_str(": ");
        detail.push_str(&source.to_string());
        cause = source.source();
    }
    detail
}

/// Why JSON could not be read or written: where, and not what stood there, which may be a person's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at line {line}, column {column}")]
pub struct JsonProblem {
    kind: &'static str,
    line: usize,
    column: usize,
}

impl From<&serde_json::Error> for JsonProblem {
    fn from(error: &serde_json::Error) -> Self {
        use serde_json::error::Category;
        let kind = match error.classify() {
            Category::Io => "a failed read",
            Category::Syntax => "malformed JSON",
            Category::Data => "a value of an unknown form",
            Category::Eof => "an early end",
        };
        Self { kind, line: error.line(), column: error.column() }
    }
}

impl From<FulfilmentError> for Fault {
    fn from(error: FulfilmentError) -> Self {
        error.to_fault()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_never_quoted() {
        let error = serde_json::from_str::<u32>("\"hanako@example.jp\"").unwrap_err();
        assert!(error.to_string().contains("hanako"), "or there is nothing to hide");
        let error = FulfilmentError::unreadable("a row")(error);
        let told = format!("{error} {error:?} {}", error.to_fault());
        assert!(!told.contains("hanako"), "{told}");
        assert!(told.contains("a row is not readable by this release: a value of an unknown form at line 1"));
    }
}
