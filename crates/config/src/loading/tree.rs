//! Putting values into nested tables and lists, and taking them out. A place in a list is its number, from 0.

use serde_json::{Map, Value};

/// Sets the value at `path`, making the tables on the way. What leads nowhere on the way is replaced by a table.
pub(super) fn put(tree: &mut Map<String, Value>, path: &[String], value: Value) {
    let Some((key, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        tree.insert(key.clone(), value);
        return;
    }
    put_below(tree.entry(key.clone()).or_insert_with(|| Value::Object(Map::new())), rest, value);
}

fn put_below(inner: &mut Value, path: &[String], value: Value) {
    let Some((key, rest)) = path.split_first() else {
        *inner = value;
        return;
    };
    match inner {
        Value::Object(table) => return put(table, path, value),
        Value::Array(items) => {
            if let Some(item) = item(items, key) {
                return put_below(item, rest, value);
            }
        }
        _ => {}
    }
    let mut table = Map::new();
    put(&mut table, path, value);
    *inner = Value::Object(table);
}

fn item<'a>(items: &'a mut [Value], key: &str) -> Option<&'a mut Value> {
    items.get_mut(key.parse::<usize>().ok()?)
}

/// Takes the value at `path` out, or else the nearest one around it. How many keys lead to what was taken; nothing if there
/// was nothing to take.
pub(super) fn take(tree: &mut Value, path: &[String]) -> Option<usize> {
    let (key, rest) = path.split_first()?;
    let inner = match tree {
        Value::Object(table) => table.get_mut(key)?,
        Value::Array(items) => item(items, key)?,
        _ => return None,
    };
    if let Some(below) = take(inner, rest) {
        return Some(below + 1);
    }
    match tree {
        Value::Object(table) => drop(table.remove(key)),
        Value::Array(items) => drop(items.remove(key.parse().ok()?)),
        _ => return None,
    }
    Some(1)
}

/// The value at `path`.
pub(super) fn at<'a>(tree: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(tree, |inner, key| match inner {
        Value::Array(items) => items.get(key.parse::<usize>().ok()?),
        other => other.get(key),
    })
}

/// Whether the last key of `path` is a place in a list.
pub(super) fn is_item(tree: &Value, path: &[String]) -> bool {
    path.split_last().and_then(|(_, list)| at(tree, list)).is_some_and(Value::is_array)
}
