use habeas_connector_api::StoreError;
use habeas_domain::{CollectionName, Fault, StoreName};
use habeas_ledger::LedgerError;
use habeas_package::PackageError;
use habeas_registry::PlanError;
use habeas_vault::VaultError;

use crate::object::ObjectError;

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
    #[error("the manifest of store {0} changed after this plan was approved; have the request planned again")]
    PlanChanged(StoreName),
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
        source: serde_json::Error,
    },
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
            Self::NotProven { .. } => Fault::temporary("not-proven", self.to_string()),
            Self::Ledger(error) => {
                Fault { code: "ledger".to_owned(), detail: error.to_string(), retry: error.retry() }
            }
            Self::Vault(error) => {
                Fault { code: "vault".to_owned(), detail: error.to_string(), retry: error.retry() }
            }
            Self::Object(error) => error.to_fault(),
            Self::Package(_) => Fault::temporary("package", self.to_string()),
            Self::Unreadable { .. } => Fault::permanent("unreadable", self.to_string()),
            Self::Thread => Fault::temporary("thread", self.to_string()),
        }
    }

    pub(crate) fn of_store(store: &StoreName) -> impl Fn(StoreError) -> Self + '_ {
        move |source| Self::Store { store: store.clone(), source }
    }
}

impl From<FulfilmentError> for Fault {
    fn from(error: FulfilmentError) -> Self {
        error.to_fault()
    }
}
