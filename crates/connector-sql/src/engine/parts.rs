//! A selection in parts, where one statement cannot carry all its keys.

use habeas_connector_api::{Attribution, FieldMatch};
use habeas_domain::{FieldName, Value};

/// The parts of a selection, each small enough for one statement.
pub(super) struct Parts {
    parts: Vec<Part>,
}

struct Part {
    matches: Vec<FieldMatch>,
    /// Where the fields of the matches stand among the fetched values.
    places: Vec<usize>,
    attribution: Attribution<'static>,
}

impl Parts {
    /// Parts of at most so many key values.
    pub(super) fn new(matches: &[FieldMatch], fields: &[&FieldName], most: usize) -> Self {
        let split = split(matches, most);
        let alone = split.len() == 1;
        let part = |matches: Vec<FieldMatch>| Part {
            places: places(fields, &matches),
            attribution: Attribution::keeping(if alone { Vec::new() } else { matches.clone() }),
            matches,
        };
        Self { parts: split.into_iter().map(part).collect() }
    }

    /// What each part looks for.
    pub(super) fn matches(&self) -> impl Iterator<Item = &[FieldMatch]> {
        self.parts.iter().map(|part| part.matches.as_slice())
    }

    /// Whether one statement carries all keys.
    pub(super) fn is_one(&self) -> bool {
        self.parts.len() <= 1
    }

    /// Whether an earlier part has found this row already: a row may hold keys of several parts.
    pub(super) fn found_before(&mut self, part: usize, values: &[Value]) -> bool {
        self.parts.iter_mut().take(part).any(|part| {
            let keys = part.places.iter().filter_map(|at| values.get(*at));
            !part.attribution.look_up(keys).is_empty()
        })
    }
}

fn places(fields: &[&FieldName], matches: &[FieldMatch]) -> Vec<usize> {
    matches.iter().filter_map(|one| fields.iter().position(|field| **field == one.field)).collect()
}

fn split(matches: &[FieldMatch], most: usize) -> Vec<Vec<FieldMatch>> {
    let total: usize = matches.iter().map(|one| one.values.len()).sum();
    if total <= most {
        return vec![matches.to_vec()];
    }
    let mut parts = Vec::new();
    for one in matches {
        let mut values = one.values.iter().peekable();
        while values.peek().is_some() {
            let some =
                values.by_ref().take(most).map(|(key, owners)| (key.clone(), owners.clone())).collect();
            parts.push(vec![FieldMatch { field: one.field.clone(), compare: one.compare, values: some }]);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use habeas_connector_api::Compare;
    use habeas_domain::KeyValue;

    use super::*;

    #[test]
    fn a_row_with_keys_of_two_parts_is_found_once() {
        let one = |field: &str, keys: &[&str]| FieldMatch {
            field: FieldName::new(field).unwrap(),
            compare: Compare::Exact,
            values: keys.iter().map(|key| (KeyValue::new(key).unwrap(), vec![0])).collect(),
        };
        let matches = [one("a", &["1", "2", "3"]), one("b", &["9"])];
        let (a, b) = (FieldName::new("a").unwrap(), FieldName::new("b").unwrap());
        let mut parts = Parts::new(&matches, &[&b, &a], 2);
        assert_eq!(parts.matches().map(|part| part[0].values.len()).collect::<Vec<_>>(), [2, 1, 1]);
        let row = [Value::Int(9), Value::Int(3)];
        assert!(!parts.found_before(1, &row), "the part of key 3 gives it");
        assert!(parts.found_before(2, &row), "the part of key 9 does not give it again");
    }
}
