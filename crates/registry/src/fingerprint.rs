//! What a manifest means, as one number: an approval holds only as long as it stays the same.

use habeas_domain::{Bilingual, StoreName};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{Collection, Controller, Driver, KeyRules, Registry, reach::keys};

/// All that decides what a right does to a store. Where the store is and how hard it may be worked is left out,
/// and so is the order in which things are written.
#[derive(Serialize)]
struct MeaningOfManifest<'a> {
    format: u8,
    store: &'a StoreName,
    driver: Driver,
    product: &'a str,
    title: &'a Bilingual,
    #[serde(skip_serializing_if = "Option::is_none")]
    controller: Option<&'a Controller>,
    keys: Vec<KeyRules>,
    collections: Vec<Collection>,
}

impl Registry {
    /// SHA-256 over the meaning of a store's manifest, the rules of its keys included, wherever those are declared.
    /// Nothing if there is no such store.
    pub fn fingerprint(&self, store: &StoreName) -> Option<[u8; 32]> {
        let manifest = self.manifest(store)?;
        let mut collections = manifest.collections.clone();
        collections.sort_by(|one, other| one.name.cmp(&other.name));
        for collection in &mut collections {
            collection.fields.sort_by(|one, other| one.name.cmp(&other.name));
        }
        let mut key_names: Vec<_> = collections.iter().flat_map(keys).cloned().collect();
        key_names.sort();
        key_names.dedup();
        let meaning = MeaningOfManifest {
            format: 1,
            store: &manifest.store,
            driver: manifest.driver,
            product: &manifest.product,
            title: &manifest.title,
            controller: manifest.controller.as_ref(),
            keys: key_names.iter().map(|key| self.key(key)).collect(),
            collections,
        };
        // Names, texts and numbers alone always have a JSON form.
        let json = serde_json::to_vec(&meaning).ok()?;
        Some(Sha256::digest(&json).into())
    }
}
