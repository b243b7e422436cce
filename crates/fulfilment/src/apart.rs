//! Keeping somebody else's rows apart. What staff said is another person's leaves that person's keys with them, too: a key
//! that names their row may be reached by another way, and would lead to what is theirs.

use std::collections::{BTreeMap, BTreeSet};

use habeas_connector_api::{OwnedRow, keys::canonical};
use habeas_domain::{CollectionName, KeyName, StoreName, schema::CollectionSchema};
use habeas_registry::HeldKey;

use crate::{
    KeyBook, Review,
    terms::{Key, Terms},
};

/// Whose a key is, by one row that holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Whose {
    /// No two rows can hold it in this field, and this row is somebody else's.
    Theirs,
    /// A row of somebody else holds it, as others may.
    Contested,
    /// No two rows can hold it in this field, and this row is the person's.
    Own,
}

/// The keys of a row, each with whose the row makes it.
pub(crate) fn keys_of<'r>(
    row: &'r OwnedRow,
    held: &'r [HeldKey],
    unique: &'r [bool],
    is_theirs: bool,
) -> impl Iterator<Item = (Key, Whose)> + 'r {
    row.values.iter().zip(held).zip(unique).filter_map(move |((value, held), unique)| {
        let whose = match (is_theirs, unique) {
            (true, true) => Whose::Theirs,
            (true, false) => Whose::Contested,
            (false, true) => Whose::Own,
            (false, false) => return None,
        };
        let value = canonical(value).filter(|_| !held.rules.shared)?;
        Some(((held.rules.name.clone(), held.rules.compare.canonical(&value)), whose))
    })
}

/// Which of these fields name one row of the collection.
pub(crate) fn unique(schema: &[CollectionSchema], of: &CollectionName, held: &[HeldKey]) -> Vec<bool> {
    let live = schema.iter().find(|live| live.name == *of);
    let names_one = |one: &HeldKey| {
        live.is_some_and(|live| {
            let mut sets = std::iter::once(&live.identity).chain(&live.unique);
            sets.any(|fields| fields.as_slice() == std::slice::from_ref(&one.field))
        })
    };
    held.iter().map(names_one).collect()
}

/// What the rows told of one person's keys.
#[derive(Debug, Default)]
pub(crate) struct Apart {
    theirs: BTreeMap<Key, (StoreName, CollectionName)>,
    contested: BTreeMap<Key, (StoreName, CollectionName)>,
    own: BTreeSet<Key>,
    followed: bool,
}

impl Apart {
    /// Notes what a row told. What is proven or was decided stays so, whatever row holds it.
    pub(crate) fn note(
        &mut self,
        (key, whose): (Key, Whose),
        place: (&StoreName, &CollectionName),
        book: Option<&KeyBook>,
        terms: &Terms,
    ) {
        let proven = book.is_some_and(|book| book.proven(&key.0).contains(&key.1));
        if proven || terms.own().contains(&key) || terms.others().contains(&key) {
            return;
        }
        let place = || (place.0.clone(), place.1.clone());
        match whose {
            Whose::Theirs => {
                // What led from it was followed already, and is not told from the rest any more.
                self.followed |= book.is_none_or(|book| book.values(&key.0).any(|value| *value == key.1));
                self.theirs.entry(key).or_insert_with(place);
            }
            Whose::Contested => drop(self.contested.entry(key).or_insert_with(place)),
            Whose::Own => drop(self.own.insert(key)),
        }
    }

    /// Whether a key names a row of somebody else.
    pub(crate) fn is_theirs(&self, key: &KeyName, value: &habeas_domain::KeyValue) -> bool {
        !self.theirs.is_empty() && self.theirs.contains_key(&(key.clone(), value.clone()))
    }

    /// The keys to begin anew without; none if all is told apart.
    pub(crate) fn to_leave(&self) -> Option<&BTreeMap<Key, (StoreName, CollectionName)>> {
        self.followed.then_some(&self.theirs)
    }

    /// Nothing, or the key that leads both to the person and to somebody else with nothing to say whose it is.
    pub(crate) fn entangled(&self, book: &KeyBook) -> Option<Review> {
        let unclear = |key: &&Key| {
            let (name, value) = key;
            !self.own.contains(*key) && book.values(name).any(|known| known == value)
        };
        let key = self.contested.keys().find(unclear)?;
        let (store, collection) = self.contested.get(key)?;
        Some(Review::entangled(key, store, collection))
    }
}
