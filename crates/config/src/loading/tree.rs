//! Putting values into nested tables, and taking them out.

use serde_json::{Map, Value};

/// Sets the value at `path`, making the tables on the way. What is no table on the way is replaced by one.
pub(super) fn put(tree: &mut Map<String, Value>, path: &[String], value: Value) {
    let Some((key, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        tree.insert(key.clone(), value);
        return;
    }
    let inner = tree.entry(key.clone()).or_insert_with(|| Value::Object(Map::new()));
    if !inner.is_object() {
        *inner = Value::Object(Map::new());
    }
    if let Value::Object(inner) = inner {
        put(inner, rest, value);
    }
}

/// Takes the value at `path` out, or else the nearest one around it. False when there was nothing to take.
pub(super) fn take(tree: &mut Value, path: &[String]) -> bool {
    let (Value::Object(tree), Some((key, rest))) = (tree, path.split_first()) else { return false };
    match tree.get_mut(key) {
        None => false,
        Some(inner) => (!rest.is_empty() && take(inner, rest)) || tree.remove(key).is_some(),
    }
}
