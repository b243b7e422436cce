//! Where keys find rows, and which further keys rows hold.

use habeas_domain::{CollectionName, FieldName, KeyName, StoreName};
use serde::Serialize;

use crate::{Collection, Compare, KeyRules, Registry};

/// A field of some store in which a key finds rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyLocation {
    /// The store.
    pub store: StoreName,
    /// The collection.
    pub collection: CollectionName,
    /// The field.
    pub field: FieldName,
    /// How its values are compared.
    pub compare: Compare,
}

/// A field of a collection in which a key finds rows. Any one is enough to find a row. Which values to look up is
/// for the resolve to say: never those of a shared key that were only found in rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lookup {
    /// The field.
    pub field: FieldName,
    /// The key.
    pub key: KeyName,
    /// How its values are compared.
    pub compare: Compare,
    /// Whether a row with another person's value here is theirs: it identifies, and is no further value.
    #[serde(skip)]
    pub identifies: bool,
}

/// A key that the rows of a collection hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldKey {
    /// The field.
    pub field: FieldName,
    /// The key's rules: whether a value found here is looked up further, and what contradicts it.
    pub rules: KeyRules,
    /// Whether it is a further value of the same person, which contradicts nothing.
    pub alternate: bool,
}

impl HeldKey {
    /// Whether a row with another person's value here is theirs.
    pub const fn identifies(&self) -> bool {
        self.rules.identifying && !self.alternate
    }
}

impl Registry {
    /// Every field of our own stores in which a key finds rows, by store, in the manifests' order. Not for values of a shared
    /// key that were only found in rows: those are not to be looked up.
    pub fn lookups(&self, key: &KeyName) -> impl Iterator<Item = KeyLocation> {
        let compare = self.key(key).compare;
        self.own()
            .flat_map(|manifest| manifest.collections.iter().map(move |collection| (manifest, collection)))
            .flat_map(|(manifest, collection)| {
                collection.fields.iter().map(move |field| (manifest, collection, field))
            })
            .filter(move |(.., field)| field.key.as_ref() == Some(key))
            .map(move |(manifest, collection, field)| KeyLocation {
                store: manifest.store.clone(),
                collection: collection.name.clone(),
                field: field.name.clone(),
                compare,
            })
    }

    /// The keys that a collection's rows hold; nothing if there is no such collection.
    pub fn keys_of(&self, store: &StoreName, collection: &CollectionName) -> Vec<HeldKey> {
        let collection = self.manifest(store).and_then(|manifest| manifest.collection(collection));
        let fields = collection.into_iter().flat_map(Collection::key_fields);
        fields
            .filter_map(|field| {
                let rules = self.key(field.key.as_ref()?);
                Some(HeldKey { field: field.name.clone(), rules, alternate: field.alternate })
            })
            .collect()
    }

    /// The fields of a collection in which a key finds rows.
    pub fn lookups_in(&self, collection: &Collection) -> Vec<Lookup> {
        let keys = collection.key_fields().filter_map(|field| Some((field, field.key.clone()?)));
        keys.map(|(field, key)| {
            let rules = self.key(&key);
            let identifies = rules.identifying && !field.alternate;
            Lookup { field: field.name.clone(), compare: rules.compare, key, identifies }
        })
        .collect()
    }
}
