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
    matches: Vec<Known<'a>>,
    except: Vec<Known<'a>>,
    unowned: u64,
}

/// A match, with its owners by key as far as a type was asked for.
type Known<'a> = (Cow<'a, FieldMatch>, HashMap<FieldType, Index>);

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
        Self { matches: matches.map(|one| (one, HashMap::new())).collect(), except: Vec::new(), unowned: 0 }
    }

    /// The same without the rows of which these matches say that they are not an owner's, whatever else finds them.
    #[must_use]
    pub fn except(mut self, except: &'a [FieldMatch]) -> Self {
        self.except = except.iter().map(|one| (Cow::Borrowed(one), HashMap::new())).collect();
        self
    }

    /// The owners of a row, given what it holds in the field of each match, in their order, and then of each exception.
    /// Ascending, each once; empty if it belongs to nobody, which is counted unless an exception says so.
    pub fn owners_of<'v>(&mut self, values: impl IntoIterator<Item = &'v Value>) -> Vec<Owner> {
        let mut values = values.into_iter();
        let owners = self.found(&mut values);
        if owners.is_empty() {
            self.unowned += 1;
            metrics::counter!("habeas_store_rows_unowned_total").increment(1);
        }
        self.without_excepted(owners, values)
    }

    /// The same without counting: for a store that looks at every row it has and lets this decide which of them are found.
    pub fn look_up<'v>(&mut self, values: impl IntoIterator<Item = &'v Value>) -> Vec<Owner> {
        let mut values = values.into_iter();
        let owners = self.found(&mut values);
        self.without_excepted(owners, values)
    }

    /// Takes as many values as there are matches.
    fn found<'v>(&mut self, values: &mut impl Iterator<Item = &'v Value>) -> Vec<Owner> {
        let mut owners = Vec::new();
        for ((one, indexes), value) in self.matches.iter_mut().zip(values) {
            owners.extend_from_slice(matched(one, indexes, value));
        }
        owners.sort_unstable();
        owners.dedup();
        owners
    }

    fn without_excepted<'v>(
        &mut self,
        mut owners: Vec<Owner>,
        values: impl Iterator<Item = &'v Value>,
    ) -> Vec<Owner> {
        for ((one, indexes), value) in self.except.iter_mut().zip(values) {
            let not_theirs = matched(one, indexes, value);
            owners.retain(|owner| !not_theirs.contains(owner));
        }
        owners
    }

    /// How many rows belonged to nobody.
    pub const fn unowned(&self) -> u64 {
        self.unowned
    }
}

fn matched<'i>(one: &FieldMatch, indexes: &'i mut HashMap<FieldType, Index>, value: &Value) -> &'i [Owner] {
    let (Some(kind), Some(key)) = (FieldType::of(value), keys::canonical(value)) else { return &[] };
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
    fn an_exception_takes_a_row_from_its_owner_alone() {
        let matches = [one("merged_into", Compare::Exact, &[("1", &[0, 1])])];
        let except = [one("email", Compare::Caseless, &[("other@example.com", &[0])])];
        let mut attribution = Attribution::new(&matches).except(&except);
        assert_eq!(attribution.owners_of([&Value::Int(1), &text("own@example.com")]), [0, 1]);
        assert_eq!(attribution.owners_of([&Value::Int(1), &Value::Null]), [0, 1]);
        assert_eq!(attribution.owners_of([&Value::Int(1), &text("OTHER@example.com")]), [1]);
        assert!(attribution.look_up([&Value::Int(2), &text("other@example.com")]).is_empty());
        assert_eq!(attribution.unowned(), 0);
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
