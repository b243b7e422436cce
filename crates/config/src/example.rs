//! The commented example, written from the same structs that are read.

use std::fmt::Write as _;

use serde_json::{Map, Value};

const WIDTH: usize = 100;

const HEAD: &str = "\
Habeas: every key with its default, or with an example where it has none. Without any file the daemon runs on its
embedded default. Each key can also be set as HABEAS__SECTION__KEY in the environment, or as
HABEAS__SECTION__KEY_FILE, which names a file that holds the value (for secrets).
Check a file with `habeas config check`, see what is in force with `habeas config show`.";

/// A TOML file that mentions every key, commented out, each with what it means and its default.
pub fn example() -> String {
    let schema = crate::schema();
    let mut out = String::new();
    for line in HEAD.lines() {
        let _ = writeln!(out, "# {line}");
    }
    table(&mut out, &schema, "");
    out
}

fn table(out: &mut String, schema: &Value, name: &str) {
    let empty = Map::new();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
    let (lists, properties): (Vec<_>, Vec<_>) =
        properties.iter().partition(|(_, property)| property.get("items").is_some_and(is_table));
    let (tables, keys): (Vec<_>, Vec<_>) =
        properties.into_iter().partition(|(_, property)| is_table(property));
    let (options, keys): (Vec<_>, Vec<_>) =
        keys.into_iter().partition(|(_, property)| property.get("properties").is_some());
    for (key, property) in keys {
        out.push('\n');
        comment(out, property);
        let _ = writeln!(out, "# {key} = {}", value(property));
    }
    for (key, property) in tables {
        let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
        out.push('\n');
        comment(out, property);
        let _ = writeln!(out, "[{name}]");
        table(out, property, &name);
        if property.get("properties").is_none() {
            let _ = writeln!(out, "# {}", entry(property));
        }
    }
    for (key, property) in options {
        out.push('\n');
        comment(out, property);
        let _ = writeln!(out, "# [{name}.{key}]");
        table(out, property, &format!("{name}.{key}"));
    }
    for (key, property) in lists {
        out.push('\n');
        comment(out, property);
        let _ = writeln!(out, "# [[{key}]]");
        table(out, property.get("items").unwrap_or(&Value::Null), key);
    }
}

fn is_table(property: &Value) -> bool {
    property.get("type").is_some_and(|kind| kind == "object")
}

/// An entry of a table whose keys are free, from the table's example: `eu_gdpr.deletion = "four-eyes"`.
fn entry(property: &Value) -> String {
    let mut path = Vec::new();
    let mut at = property.get("examples").and_then(|examples| examples.get(0));
    while let Some((key, below)) = at.and_then(Value::as_object).and_then(|table| table.iter().next()) {
        path.push(key.as_str());
        at = Some(below);
    }
    format!("{} = {}", path.join("."), at.map(Value::to_string).unwrap_or_default())
}

fn comment(out: &mut String, property: &Value) {
    let text = property.get("description").and_then(Value::as_str).unwrap_or_default();
    let mut line = String::from("#");
    for word in text.split_whitespace() {
        if line.chars().count() + word.chars().count() >= WIDTH {
            out.push_str(&line);
            out.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    if line.len() > 1 {
        out.push_str(&line);
        out.push('\n');
    }
}

/// The default, or else the example; JSON texts, numbers and lists read as TOML.
fn value(property: &Value) -> String {
    let default = property.get("default").filter(|default| !default.is_null());
    let example = property.get("examples").and_then(|examples| examples.get(0));
    default.or(example).map(Value::to_string).unwrap_or_default()
}
