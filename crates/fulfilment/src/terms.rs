//! What staff decided about the findings of one person, for one request.

use std::collections::{BTreeMap, BTreeSet};

use habeas_connector_api::{OwnedRow, keys::canonical};
use habeas_domain::{
    KeyName, KeyValue,
    review::{FindingKind, ReviewDecision},
};
use habeas_ledger::DecidedFinding;
use habeas_registry::{HeldKey, KeyRules, Registry};

/// A key with a value.
pub(crate) type Key = (KeyName, KeyValue);

/// What is decided: whose values are whose, and how many of them are too many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms {
    own: BTreeSet<Key>,
    others: BTreeSet<Key>,
    ceilings: BTreeMap<KeyName, u32>,
    addresses: Option<u32>,
}

impl Terms {
    /// Reads decisions, oldest first.
    pub fn of(decided: &[DecidedFinding], registry: &Registry) -> Self {
        let mut terms = Self::default();
        for one in decided {
            let values = one.found.iter().filter_map(|value| KeyValue::new(value.expose()));
            let keys = values.filter_map(|value| {
                let key = one.key.clone()?;
                let spelled = registry.key(&key).compare.canonical(&value);
                Some((key, spelled))
            });
            match (one.decision, one.kind, &one.key) {
                (ReviewDecision::AnotherPerson, ..) => terms.others.extend(keys),
                (ReviewDecision::SamePerson, ..) => terms.own.extend(keys),
                (ReviewDecision::Allow { up_to }, FindingKind::TooManyAddresses, _) => {
                    terms.addresses = terms.addresses.max(Some(up_to));
                }
                (ReviewDecision::Allow { up_to }, _, Some(key)) => {
                    let ceiling = terms.ceilings.entry(key.clone()).or_default();
                    *ceiling = up_to.max(*ceiling);
                }
                (ReviewDecision::Allow { .. }, _, None) => {}
            }
        }
        terms
    }

    /// As if staff had allowed so many values of each of these keys.
    pub(crate) fn allowing(keys: impl IntoIterator<Item = KeyName>, most: u32) -> Self {
        Self { ceilings: keys.into_iter().map(|key| (key, most)).collect(), ..Self::default() }
    }

    /// How many values of a key staff allowed, and nothing of whose they are.
    pub(crate) fn ceilings_alone(&self) -> Self {
        Self { ceilings: self.ceilings.clone(), ..Self::default() }
    }

    /// Whether nothing was decided.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Leaves further keys to somebody else.
    pub(crate) fn leave(&mut self, keys: impl IntoIterator<Item = Key>) {
        self.others.extend(keys);
    }

    /// What is the person's although a row contradicted.
    pub(crate) const fn own(&self) -> &BTreeSet<Key> {
        &self.own
    }

    /// What is somebody else's.
    pub(crate) const fn others(&self) -> &BTreeSet<Key> {
        &self.others
    }

    /// The most values of a key.
    pub(crate) fn ceiling(&self, rules: &KeyRules) -> u32 {
        self.ceilings.get(&rules.name).copied().unwrap_or_default().max(rules.ceiling)
    }

    /// The most addresses that are warned, where that is not the usual number.
    pub(crate) fn addresses(&self) -> Option<usize> {
        self.addresses.and_then(|most| usize::try_from(most).ok())
    }

    /// Whether a row is somebody else's: its own identifier is a value that was left to them.
    pub(crate) fn leaves(&self, row: &OwnedRow, held: &[HeldKey]) -> bool {
        row.values.iter().zip(held).filter(|(_, held)| held.identifies()).any(|(value, held)| {
            let value = canonical(value).map(|found| held.rules.compare.canonical(&found));
            value.is_some_and(|value| self.others.contains(&(held.rules.name.clone(), value)))
        })
    }
}
