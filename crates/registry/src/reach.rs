//! Which collections the starting key leads to.

use std::collections::BTreeSet;

use habeas_domain::{CollectionName, KeyName, StoreName};

use crate::{Collection, KeyRules, Manifest, Role, START_KEY};

/// The collections that some chain of keys reaches from a verified mail address.
pub(crate) fn reachable(
    manifests: &[Manifest],
    rules: &dyn Fn(&KeyName) -> KeyRules,
) -> BTreeSet<(StoreName, CollectionName)> {
    let mut known: BTreeSet<KeyName> = KeyName::new(START_KEY).into_iter().collect();
    let mut reached = BTreeSet::new();
    loop {
        let before = reached.len();
        let own = every_collection(manifests).filter(|(manifest, _)| manifest.role() == Role::Controller);
        for (manifest, collection) in own {
            if keys(collection).any(|key| known.contains(key)) {
                reached.insert((manifest.store.clone(), collection.name.clone()));
                known.extend(keys(collection).filter(|key| !rules(key).shared).cloned());
            }
        }
        if reached.len() == before {
            return reached;
        }
    }
}

/// Each collection with the manifest that declares it.
pub(crate) fn every_collection(manifests: &[Manifest]) -> impl Iterator<Item = (&Manifest, &Collection)> {
    manifests
        .iter()
        .flat_map(|manifest| manifest.collections.iter().map(move |collection| (manifest, collection)))
}

/// The keys that a collection holds.
pub(crate) fn keys(collection: &Collection) -> impl Iterator<Item = &KeyName> {
    collection.fields.iter().filter_map(|field| field.key.as_ref())
}
