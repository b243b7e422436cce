//! The keys of a group of people, turned into matches that a store understands.

use std::collections::BTreeMap;

use habeas_connector_api::{Compare, FieldMatch, Owner};
use habeas_domain::{KeyName, KeyValue};
use habeas_registry::Lookup;

use crate::KeyBook;

/// The connectors' word for the registry's comparison.
pub(crate) const fn compare(compare: habeas_registry::Compare) -> Compare {
    match compare {
        habeas_registry::Compare::Exact => Compare::Exact,
        habeas_registry::Compare::Caseless => Compare::Caseless,
    }
}

/// What finds the rows of these people by these lookups. A lookup for which nobody has a key is left out; no match
/// at all finds nothing.
pub(crate) fn matches(lookups: &[Lookup], people: &[(Owner, &KeyBook)]) -> Vec<FieldMatch> {
    of(lookups.iter(), people, |book, key| book.values(key).cloned().collect())
}

/// What says that a found row is not these people's: it carries what staff left to somebody else.
pub(crate) fn except(lookups: &[Lookup], people: &[(Owner, &KeyBook)]) -> Vec<FieldMatch> {
    let identifying = lookups.iter().filter(|lookup| lookup.identifies);
    of(identifying, people, |book, key| book.others(key).cloned().collect())
}

fn of<'l>(
    lookups: impl Iterator<Item = &'l Lookup>,
    people: &[(Owner, &KeyBook)],
    values_of: impl Fn(&KeyBook, &KeyName) -> Vec<KeyValue>,
) -> Vec<FieldMatch> {
    lookups
        .filter_map(|lookup| {
            let mut values: BTreeMap<KeyValue, Vec<Owner>> = BTreeMap::new();
            for (owner, book) in people {
                for value in values_of(book, &lookup.key) {
                    let owners = values.entry(lookup.compare.canonical(&value)).or_default();
                    if owners.last() != Some(owner) {
                        owners.push(*owner);
                    }
                }
            }
            let found = FieldMatch { field: lookup.field.clone(), compare: compare(lookup.compare), values };
            (!found.values.is_empty()).then_some(found)
        })
        .collect()
}
