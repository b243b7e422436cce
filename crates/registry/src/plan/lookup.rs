//! Where keys find rows, and which further keys rows hold.

use habeas_domain::{CollectionName, FieldName, KeyName, SideName, StoreName};
use serde::Serialize;

use crate::{Collection, Compare, Field, KeyRules, Registry};

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
    /// Which side of a row is the person's who is found by it, where rows have sides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<SideName>,
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
    /// Which side of a row is the person's who is found by it, where rows have sides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<SideName>,
}

/// One way in which a row of a collection can be a person's. What a row says of the others whom it is about is nothing of
/// theirs: it is not followed, not shown, and not changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standpoint {
    /// The side that is theirs; nothing where rows are about one person.
    pub side: Option<SideName>,
    /// What finds the rows.
    pub lookups: Vec<Lookup>,
}

impl Standpoint {
    /// Whether a field is about the person who stands there.
    pub fn sees(&self, field: &Field) -> bool {
        self.side.is_none() || self.side == field.side
    }
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
    /// Whose of the people of a row it is, where rows have sides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<SideName>,
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
                side: field.side.clone(),
            })
    }

    /// The keys that a collection's rows hold; nothing if there is no such collection.
    pub fn keys_of(&self, store: &StoreName, collection: &CollectionName) -> Vec<HeldKey> {
        let collection = self.manifest(store).and_then(|manifest| manifest.collection(collection));
        let fields = collection.into_iter().flat_map(Collection::key_fields);
        fields
            .filter_map(|field| {
                let rules = self.key(field.key.as_ref()?);
                let (alternate, side) = (field.alternate, field.side.clone());
                Some(HeldKey { field: field.name.clone(), rules, alternate, side })
            })
            .collect()
    }

    /// The fields of a collection in which a key finds rows.
    pub fn lookups_in(&self, collection: &Collection) -> Vec<Lookup> {
        let keys = collection.key_fields().filter_map(|field| Some((field, field.key.clone()?)));
        keys.map(|(field, key)| {
            let rules = self.key(&key);
            let identifies = rules.identifying && !field.alternate;
            let (field, side) = (field.name.clone(), field.side.clone());
            Lookup { field, compare: rules.compare, key, identifies, side }
        })
        .collect()
    }

    /// The ways in which a row can be a person's: one for each side, or one where rows have none.
    pub fn standpoints(&self, collection: &Collection) -> Vec<Standpoint> {
        let lookups = self.lookups_in(collection);
        let mut points: Vec<Standpoint> = Vec::new();
        for lookup in lookups {
            match points.iter_mut().find(|point| point.side == lookup.side) {
                Some(point) => point.lookups.push(lookup),
                None => points.push(Standpoint { side: lookup.side.clone(), lookups: vec![lookup] }),
            }
        }
        points
    }

    /// What finds the rows in which a field is the person's own: the keys of its side, or all where it has none.
    pub fn lookups_of(&self, collection: &Collection, field: &Field) -> Vec<Lookup> {
        let mut lookups = self.lookups_in(collection);
        lookups.retain(|lookup| field.side.is_none() || lookup.side == field.side);
        lookups
    }
}
