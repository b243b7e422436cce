//! The spellings of a person's keys, as fields of other types hold them: one UUID is hyphenated here and 16 bytes there.

use std::collections::BTreeSet;

use habeas_connector_api::keys::{canonical, typed};
use habeas_domain::{KeyName, KeyValue, Value, schema::FieldType};
use habeas_registry::Registry;

use crate::KeyBook;

/// The types in which a key may be written otherwise than as text.
const TYPES: [FieldType; 9] = [
    FieldType::Text,
    FieldType::Int,
    FieldType::Decimal,
    FieldType::Bytes,
    FieldType::Uuid,
    FieldType::Date,
    FieldType::Time,
    FieldType::DateTime,
    FieldType::Timestamp,
];

/// Every key of a book in each spelling in which a row may hold it.
pub(crate) fn of_book(registry: &Registry, book: &KeyBook) -> Vec<(KeyName, KeyValue)> {
    let mut all = BTreeSet::new();
    for (key, value) in book.iter() {
        let compare = registry.key(key).compare;
        let spellings = TYPES.iter().filter_map(|kind| canonical(&typed(value, *kind)?));
        all.extend(spellings.map(|spelling| (key.clone(), compare.canonical(&spelling))));
    }
    all.into_iter().collect()
}

/// The key that a row holds, spelled as [`of_book`] spells it.
pub(crate) fn of_row(registry: &Registry, key: &KeyName, value: &Value) -> Option<KeyValue> {
    canonical(value).map(|found| registry.key(key).compare.canonical(&found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_in_whichever_type_a_row_holds_it() {
        let registry = Registry::from_manifests(Vec::new()).unwrap();
        let key = KeyName::new("customer_id").unwrap();
        let uuid = "7d444840-9dc0-11d1-b245-5ffdce74fad2";
        let mut book = KeyBook::default();
        for text in [uuid, "42", "0042"] {
            book.add(&key, KeyValue::new(text).unwrap());
        }
        let known = of_book(&registry, &book);
        let holds = |value: Value| {
            of_row(&registry, &key, &value).is_some_and(|found| known.contains(&(key.clone(), found)))
        };
        let id: uuid::Uuid = uuid.parse().unwrap();
        assert!(holds(Value::Uuid(id)) && holds(Value::Bytes(id.as_bytes().to_vec())));
        assert!(holds(Value::Int(42)) && holds(Value::Decimal("42.00".to_owned())));
        assert!(holds(Value::Text("0042".to_owned())) && !holds(Value::Text("042".to_owned())));
        assert!(!holds(Value::Int(421)) && !holds(Value::Null));
    }
}
