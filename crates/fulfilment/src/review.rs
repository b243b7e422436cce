//! Why a person has to look before a request can be resolved.

use habeas_domain::{CollectionName, KeyName, KeyValue, Personal, StoreName, review::FindingKind};
use habeas_ledger::NewFinding;

use crate::terms::Key;

/// Why a person has to look. What it prints names keys, stores and collections, never values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Review {
    /// A row carries another identifier than the one that was proven.
    Contradiction {
        /// Which key.
        key: KeyName,
        /// In which store.
        store: StoreName,
        /// In which collection.
        collection: CollectionName,
        /// What was proven.
        proven: Vec<KeyValue>,
        /// What the row carries.
        found: KeyValue,
    },
    /// More values of a key than one person can have.
    Ceiling {
        /// Which key.
        key: KeyName,
        /// The most that is allowed.
        ceiling: u32,
        /// Whether the key identifies a person.
        identifying: bool,
        /// The values as far as they were read.
        found: Vec<KeyValue>,
    },
    /// More addresses than one person is warned at before something that cannot be undone.
    Addresses {
        /// The most that are.
        most: usize,
        /// The addresses as far as they were read.
        found: Vec<Personal<String>>,
    },
    /// A key leads to the person and to somebody else whose rows are left to them, and the store does not say whose it is.
    Entangled {
        /// Which key.
        key: KeyName,
        /// In which store.
        store: StoreName,
        /// The collection whose row is somebody else's.
        collection: CollectionName,
        /// The value.
        found: KeyValue,
    },
    /// A new address that was confirmed leads to rows of somebody else.
    NewAddress {
        /// The key that addresses are.
        key: KeyName,
        /// The address.
        found: KeyValue,
    },
}

impl Review {
    pub(crate) fn entangled(key: &Key, store: &StoreName, collection: &CollectionName) -> Self {
        let (store, collection) = (store.clone(), collection.clone());
        Self::Entangled { key: key.0.clone(), store, collection, found: key.1.clone() }
    }

    /// As the ledger keeps it.
    pub(crate) fn to_finding(&self) -> NewFinding {
        let personal =
            |values: &[KeyValue]| values.iter().map(|value| value.clone().personal()).collect::<Vec<_>>();
        let bare = |kind, found| NewFinding {
            kind,
            key: None,
            place: None,
            identifying: false,
            allowed: 0,
            proven: Vec::new(),
            found,
            reason: self.to_string(),
        };
        match self {
            Self::Contradiction { key, store, collection, proven, found } => NewFinding {
                key: Some(key.clone()),
                place: Some((store.clone(), collection.clone())),
                identifying: true,
                proven: personal(proven),
                ..bare(FindingKind::Contradiction, personal(std::slice::from_ref(found)))
            },
            Self::Ceiling { key, ceiling, identifying, found } => NewFinding {
                key: Some(key.clone()),
                identifying: *identifying,
                allowed: *ceiling,
                ..bare(FindingKind::TooManyValues, personal(found))
            },
            Self::Addresses { most, found } => NewFinding {
                allowed: u32::try_from(*most).unwrap_or(u32::MAX),
                ..bare(FindingKind::TooManyAddresses, found.clone())
            },
            Self::Entangled { key, store, collection, found } => NewFinding {
                key: Some(key.clone()),
                place: Some((store.clone(), collection.clone())),
                identifying: true,
                ..bare(FindingKind::Entangled, personal(std::slice::from_ref(found)))
            },
            Self::NewAddress { key, found } => NewFinding {
                key: Some(key.clone()),
                identifying: true,
                ..bare(FindingKind::Contradiction, personal(std::slice::from_ref(found)))
            },
        }
    }
}

impl std::fmt::Display for Review {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Contradiction { key, store, collection, .. } => {
                write!(
                    f,
                    "a row of {store}/{collection} carries another {key} than the one that was verified"
                )
            }
            Self::Ceiling { key, ceiling, .. } => {
                write!(f, "more than {ceiling} different values of {key} were found")
            }
            Self::Addresses { most, .. } => write!(
                f,
                "more than {most} mail addresses are on file, and all of them would have to be warned; see which are the person's own"
            ),
            Self::Entangled { key, store, collection, .. } => write!(
                f,
                "a value of {key} leads to the person and, by {store}/{collection}, to somebody else, and the store does not say whose it is; separate them there"
            ),
            Self::NewAddress { key, .. } => write!(
                f,
                "a new {key} that was confirmed is on file already, in rows that nothing joins with the person's; join them in their store if they are"
            ),
        }
    }
}
