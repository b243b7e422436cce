use std::collections::{BTreeMap, BTreeSet};

use habeas_domain::{EmailAddress, HeldKey, KeyName, KeyValue, StoreName};
use habeas_registry::START_KEY;
use serde::{Deserialize, Serialize};

type Values = BTreeMap<KeyName, BTreeSet<KeyValue>>;

/// One person's keys: those that were proven, those that rows led to, and the stores that hold something. Kept
/// sealed on the request, so that a deletion can be retried after the rows that led to it are gone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyBook {
    verified: Values,
    found: Values,
    stores: BTreeSet<StoreName>,
    /// What is somebody else's by the word of staff, and what names their rows. Never among the others.
    #[serde(default, skip_serializing_if = "Values::is_empty")]
    others: Values,
}

impl KeyBook {
    /// A book that begins with what the person proved.
    pub fn verified(keys: impl IntoIterator<Item = (KeyName, KeyValue)>) -> Self {
        let mut book = Self::default();
        for (key, value) in keys {
            book.verified.entry(key).or_default().insert(value);
        }
        book
    }

    /// A book that begins with addresses whose holder the person has proven to be, in every form that a store may hold them in.
    pub fn of_addresses<'a>(addresses: impl IntoIterator<Item = &'a EmailAddress>) -> Self {
        let start = KeyName::new(START_KEY).ok();
        let forms = addresses.into_iter().flat_map(EmailAddress::spellings);
        let values = forms.filter_map(|form| KeyValue::new(form.expose()));
        Self::verified(values.filter_map(|value| start.clone().zip(value.into())))
    }

    /// The same book with its proven values in the spelling in which equal values are identical.
    #[must_use]
    pub(crate) fn spelled(mut self, spell: impl Fn(&KeyName, &KeyValue) -> KeyValue) -> Self {
        for (key, values) in &mut self.verified {
            *values = values.iter().map(|value| spell(key, value)).collect();
        }
        self
    }

    /// How many different values of a key there are.
    pub(crate) fn count(&self, key: &KeyName) -> usize {
        [&self.verified, &self.found]
            .into_iter()
            .filter_map(|values| values.get(key))
            .map(BTreeSet::len)
            .sum()
    }

    /// Adds what a row led to. Returns whether it is new. What is somebody else's is never added.
    pub fn add(&mut self, key: &KeyName, value: KeyValue) -> bool {
        let holds = |values: &Values| values.get(key).is_some_and(|values| values.contains(&value));
        let known = holds(&self.verified) || holds(&self.others);
        !known && self.found.entry(key.clone()).or_default().insert(value)
    }

    /// Notes that a store holds something.
    pub fn add_store(&mut self, store: &StoreName) {
        if !self.stores.contains(store) {
            self.stores.insert(store.clone());
        }
    }

    /// Adds what an earlier plan for the same person knew, but for keys that spread to nobody any more: rows that led to it
    /// may be gone or changed, and what it found is theirs all the same.
    pub(crate) fn remember(&mut self, earlier: &Self, spreads: impl Fn(&KeyName) -> bool) {
        for (key, value) in earlier.iter().filter(|(key, _)| spreads(key)) {
            self.add(key, value.clone());
        }
        earlier.stores.iter().for_each(|store| self.add_store(store));
    }

    /// Leaves a value to somebody else. Returns whether rows had led to it. What was proven stays.
    pub(crate) fn leave(&mut self, key: &KeyName, value: &KeyValue) -> bool {
        if self.verified.get(key).is_some_and(|values| values.contains(value)) {
            return false;
        }
        self.others.entry(key.clone()).or_default().insert(value.clone());
        self.found.get_mut(key).is_some_and(|values| values.remove(value))
    }

    /// What is somebody else's of a key.
    pub(crate) fn others(&self, key: &KeyName) -> impl Iterator<Item = &KeyValue> {
        self.others.get(key).into_iter().flatten()
    }

    /// Whether anything is somebody else's.
    pub(crate) fn leaves_any(&self) -> bool {
        !self.others.is_empty()
    }

    /// Every value of a key.
    pub fn values(&self, key: &KeyName) -> impl Iterator<Item = &KeyValue> {
        self.verified.get(key).into_iter().flatten().chain(self.found.get(key).into_iter().flatten())
    }

    /// The proven values of a key.
    pub fn proven(&self, key: &KeyName) -> Vec<KeyValue> {
        self.verified.get(key).into_iter().flatten().cloned().collect()
    }

    /// The keys of which a value is known.
    pub(crate) fn names(&self) -> BTreeSet<&KeyName> {
        self.verified.keys().chain(self.found.keys()).collect()
    }

    /// Every key with every value.
    pub fn iter(&self) -> impl Iterator<Item = (&KeyName, &KeyValue)> {
        self.verified
            .iter()
            .chain(&self.found)
            .flat_map(|(key, values)| values.iter().map(move |value| (key, value)))
    }

    /// Every key with every value, as legal holds compare them.
    pub fn held(&self) -> Vec<HeldKey> {
        self.iter().map(|(key, value)| HeldKey::new(key.clone(), value.as_str().to_owned())).collect()
    }

    /// The stores that hold something.
    pub const fn stores(&self) -> &BTreeSet<StoreName> {
        &self.stores
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_counts_once_however_it_was_reached() {
        let email = KeyName::new("email").unwrap();
        let value = KeyValue::new("taro@example.jp").unwrap();
        let mut book = KeyBook::verified([(email.clone(), value.clone())]);
        assert!(!book.add(&email, value));
        assert!(book.add(&email, KeyValue::new("taro@example.com").unwrap()));
        assert_eq!((book.values(&email).count(), book.count(&email)), (2, 2));
        assert_eq!(book.proven(&email).len(), 1);
    }

    #[test]
    fn what_is_somebody_elses_is_never_added_and_what_was_proven_never_left() {
        let email = KeyName::new("email").unwrap();
        let [own, other] = ["taro@example.jp", "other@example.jp"].map(|text| KeyValue::new(text).unwrap());
        let mut book = KeyBook::verified([(email.clone(), own.clone())]);
        assert!(book.add(&email, other.clone()) && book.leave(&email, &other));
        assert!(!book.add(&email, other.clone()) && !book.leave(&email, &own));
        assert_eq!(book.values(&email).collect::<Vec<_>>(), [&own]);
        assert_eq!(book.others(&email).collect::<Vec<_>>(), [&other]);
    }

    #[test]
    fn a_book_without_others_is_written_as_before() {
        let written = serde_json::to_value(KeyBook::default()).unwrap();
        assert_eq!(written, serde_json::json!({ "verified": {}, "found": {}, "stores": [] }));
    }
}
