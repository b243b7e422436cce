use std::{sync::Arc, time::Duration};

use habeas_domain::{Bilingual, Links, regime::Regimes};
use habeas_ledger::Ledger;
use habeas_registry::Registry;

use crate::{Objects, Stores};

/// Who is responsible for the data, as packages name them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Controller {
    /// The name, in both languages.
    pub name: Bilingual,
    /// The version of the privacy notice in force (mission N30).
    pub notice_version: Option<String>,
}

/// The settings of fulfilment.
#[derive(Debug, Clone)]
pub struct FulfilmentOptions {
    /// Who is responsible.
    pub controller: Controller,
    /// Where the person's pages are.
    pub links: Links,
    /// How long the link to a package holds.
    pub package_ttl: Duration,
    /// How often a package can be fetched.
    pub package_downloads: u32,
    /// How long the link that confirms a new address holds.
    pub confirm_ttl: Duration,
    /// For how long after its warnings a deletion can be stopped; nothing to warn nobody.
    pub deletion_grace: Option<Duration>,
}

/// What the three workers share.
#[derive(Clone)]
pub struct Fulfilment {
    /// The state database.
    pub ledger: Ledger,
    /// The manifests.
    pub registry: Arc<Registry>,
    /// The connections.
    pub stores: Stores,
    /// Where spools and packages lie.
    pub objects: Objects,
    /// The laws, for the words of packages and letters.
    pub regimes: Arc<Regimes>,
    /// The settings.
    pub options: Arc<FulfilmentOptions>,
}

impl std::fmt::Debug for Fulfilment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fulfilment").field("stores", &self.stores).finish_non_exhaustive()
    }
}
