//! Whom a row belongs to. One function for all connectors.
//!
//! A store's own equality may be looser than ours: collations that ignore accents, padded text, case. What the
//! store found is therefore compared again here, and a row that belongs to nobody is dropped and counted.

use std::{borrow::Cow, collections::HashMap};

use habeas_domain::{KeyValue, Value, schema::FieldType};

use crate::{Compare, FieldMatch, Owner, keys};

/// The owners by key, in the spelling of one field type.
type Index = HashMap<KeyValue, Vec<Owner>>;

/// Tells the owners of rows that a set of matches found.
#[derive(Debug)]
pub struct Attribution<'a> {
    matches: Vec<(Cow<'a, FieldMatch>, HashMap<FieldType, Index>)>,
    unowned: u64,
}

impl<'a> Attribution<'a> {
    /// For the rows that these matches find.
    pub fn new(matches: &'a [FieldMatch]) -> Self {
        Self::of(matches.iter().map(Cow::Borrowed))
    }

    /// For the rows that these matches find, which it keeps.
    pub fn keeping(matches: Vec<FieldMatch>) -> Self {
        Self::of(matches.into_iter().map(Cow::Owned))
    }

    fn of(matches: impl Iterator<Item = Cow<'a, FieldMatch>>) -> Self {
        Self { matches: matches.map(|one| (one, HashMap::new())).collect(), unowned: 0 }
    }

    /// The owners of a row, given what it holds in the field of each match, in their order. Ascending, each once;
    /// empty if it belongs to nobody, which is counted.
    pub fn owners_of<'v>(&mut self, values: impl IntoIterator<Item = &'v Value>) -> Vec<Owner> {
        let owners = self.look_up(values);
        if owners.is_empty() {
            self.unowned += 1;
            metrics::counter!("habeas_store_rows_unowned_total").increment(1);
        }
        owners
    }

    /// The same without counting: for a store that looks at every row it has and lets this decide which of them are found.
    pub fn look_up<'v>(&mut self, values: impl IntoIterator<Item = &'v Value>) -> Vec<Owner> {
        let mut owners = Vec::new();
        for ((one, indexes), value) in self.matches.iter_mut().zip(values) {
            owners.extend_from_slice(matched(one, indexes, value));
        }
        owners.sort_unstable();
        owners.dedup();
        owners
    }

    /// How many rows belonged to nobody.
    pub const fn unowned(&self) -> u64 {
        self.unowned
    }
}

fn matched<'i>(one: &FieldMatch, indexes: &'i mut HashMap<FieldType, Index>, value: &Value) -> &'i [Owner] {
    let (Some(kind), Some(key)) = (keys::kind_of(value), keys::canonical(value)) else { return &[] };
    let index = indexes.entry(kind).or_insert_with(|| index(one, kind));
    index.get(&spelled(key, one.compare)).map_or(&[], Vec::as_slice)
}

fn index(one: &FieldMatch, kind: FieldType) -> Index {
    let mut index = Index::with_capacity(one.values.len());
    for (key, owners) in &one.values {
        let meant = keys::typed(key, kind).as_ref().and_then(keys::canonical);
        if let Some(key) = meant {
            index.entry(spelled(key, one.compare)).or_default().extend_from_slice(owners);
        }
    }
    index
}

fn spelled(key: KeyValue, compare: Compare) -> KeyValue {
    match compare {
        Compare::Exact => key,
        Compare::Caseless => key.folded(),
    }
}

#[cfg(test)]
mod tests {
    use habeas_domain::FieldName;

    use super::*;

    fn one(field: &str, compare: Compare, values: &[(&str, &[Owner])]) -> FieldMatch {
        let values =
            values.iter().map(|(key, owners)| (KeyValue::new(key).unwrap(), owners.to_vec())).collect();
        FieldMatch { field: FieldName::new(field).unwrap(), compare, values }
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn a_looser_equality_gives_nobody_anything() {
        let matches = [one("email", Compare::Exact, &[("jose@example.com", &[0])])];
        let mut attribution = Attribution::new(&matches);
        for near in ["José@example.com", "JOSE@example.com", "jose@example.com ", "jose@example.co", ""] {
            assert!(attribution.owners_of([&text(near)]).is_empty(), "{near}");
        }
        assert!(attribution.owners_of([&Value::Null]).is_empty());
        assert_eq!(attribution.unowned(), 6);
        assert_eq!(attribution.owners_of([&text("jose@example.com")]), [0]);
    }

    #[test]
    fn owners_of_all_matches_come_together_once() {
        let matches = [
            one("email", Compare::Caseless, &[("A@example.com", &[2, 0]), ("a@EXAMPLE.com", &[1])]),
            one("id", Compare::Exact, &[("42", &[0]), ("421", &[5])]),
        ];
        let mut attribution = Attribution::new(&matches);
        assert_eq!(attribution.owners_of([&text("a@example.COM"), &Value::Int(42)]), [0, 1, 2]);
        assert_eq!(attribution.owners_of([&text("b@example.com"), &Value::Int(421)]), [5]);
    }

    #[test]
    fn the_type_of_the_row_decides_how_a_key_is_read() {
        let matches = [one("id", Compare::Exact, &[("42", &[0]), ("042", &[1])])];
        let mut attribution = Attribution::new(&matches);
        assert_eq!(attribution.owners_of([&Value::Int(42)]), [0]);
        assert_eq!(attribution.owners_of([&Value::Decimal("42.00".to_owned())]), [0]);
        assert_eq!(attribution.owners_of([&text("042")]), [1]);
        assert!(attribution.owners_of([&text("42.00")]).is_empty());
    }

    #[test]
    fn composed_and_decomposed_text_are_one_key() {
        let matches = [one("name", Compare::Exact, &[("が", &[0])])];
        assert_eq!(Attribution::new(&matches).owners_of([&text("か\u{3099}")]), [0]);
    }
}
