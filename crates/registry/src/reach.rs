//! Which collections, and which sides of their rows, the starting key leads to.

use std::collections::BTreeSet;

use habeas_domain::{CollectionName, KeyName, SideName, StoreName};

use crate::{Collection, KeyRules, Manifest, Role, START_KEY};

/// What can be reached: a side of a collection, or all of one whose rows have no sides.
pub(crate) type Place<'a> = (&'a StoreName, &'a CollectionName, Option<&'a SideName>);

/// What some chain of keys reaches from a verified mail address. No chain crosses from one side of a row to another.
pub(crate) fn reachable<'a>(
    manifests: &'a [Manifest],
    rules: &dyn Fn(&KeyName) -> KeyRules,
) -> BTreeSet<Place<'a>> {
    let mut known: BTreeSet<KeyName> = KeyName::new(START_KEY).into_iter().collect();
    let mut reached = BTreeSet::new();
    loop {
        let before = reached.len();
        let own = every_collection(manifests).filter(|(manifest, _)| manifest.role() == Role::Controller);
        for (manifest, collection) in own {
            for side in standpoints(collection) {
                if keys_on(collection, side).any(|key| known.contains(key)) {
                    reached.insert((&manifest.store, &collection.name, side));
                    known.extend(keys_on(collection, side).filter(|key| !rules(key).shared).cloned());
                }
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

/// The sides of a collection's rows; one that is nobody's in particular where they have none.
pub(crate) fn standpoints(collection: &Collection) -> Vec<Option<&SideName>> {
    let sides = collection.sides();
    if sides.is_empty() { vec![None] } else { sides.into_iter().map(Some).collect() }
}

/// The keys that a collection holds on one side.
pub(crate) fn keys_on<'a>(
    collection: &'a Collection,
    side: Option<&'a SideName>,
) -> impl Iterator<Item = &'a KeyName> {
    let fields = collection.fields.iter().filter(move |field| field.side.as_ref() == side);
    fields.filter_map(|field| field.key.as_ref())
}

/// The keys that a collection holds.
pub(crate) fn keys(collection: &Collection) -> impl Iterator<Item = &KeyName> {
    collection.fields.iter().filter_map(|field| field.key.as_ref())
}
