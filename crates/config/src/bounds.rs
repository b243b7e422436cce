//! The largest numbers that make sense, as the schema says them with each key: beyond them a date or a duration would leave
//! what a calendar or a machine can count.

use serde_json::Value;

use crate::{Config, finding::Findings, schema};

/// Notes every number that is larger than the schema allows, where nothing was noted about it yet.
pub(crate) fn check(config: &Config, findings: &mut Findings) {
    let Ok(values) = serde_json::to_value(config) else { return };
    look(&schema(), &values, &mut Vec::new(), findings);
}

fn look(schema: &Value, value: &Value, path: &mut Vec<String>, findings: &mut Findings) {
    for either in ["anyOf", "oneOf", "allOf"] {
        for schema in schema.get(either).and_then(Value::as_array).into_iter().flatten() {
            look(schema, value, path, findings);
        }
    }
    let mut below = |key: String, schema: &Value, value: &Value| {
        path.push(key);
        look(schema, value, path, findings);
        path.pop();
    };
    match value {
        Value::Object(table) => {
            for (key, value) in table {
                if let Some(schema) = schema.get("properties").and_then(|all| all.get(key)) {
                    below(key.clone(), schema, value);
                }
            }
        }
        Value::Array(items) => {
            for (place, value) in items.iter().enumerate() {
                if let Some(schema) = schema.get("items") {
                    below(place.to_string(), schema, value);
                }
            }
        }
        Value::Number(number) => {
            let most = schema.get("maximum").and_then(Value::as_u64);
            if let Some(most) = most.filter(|most| number.as_u64().is_some_and(|number| number > *most)) {
                findings.add_once(path, "larger than makes sense", format!("set it to at most {most}"));
            }
        }
        _ => {}
    }
}
