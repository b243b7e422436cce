//! Reading JSON objects field by field, noting every problem on the way.

use serde_json::{Map, Value};

use super::{
    fields,
    problem::{Problems, nearest, showable},
};

/// What went wrong with one value: its code, and the fix.
pub(super) type Fault = (&'static str, String);

/// A JSON object with the path that leads to it.
pub(super) struct Object<'a> {
    path: String,
    fields: &'a Map<String, Value>,
}

impl<'a> Object<'a> {
    /// The object at `path`, with a problem for each field that is not among `known`.
    pub(super) fn open(
        path: &str,
        value: &'a Value,
        known: &[&str],
        problems: &mut Problems,
    ) -> Option<Self> {
        let Value::Object(fields) = value else {
            let field = if path.is_empty() { "submission" } else { path };
            problems.add(field, "wrong-type", wrong_type("an object", value));
            return None;
        };
        let object = Self { path: path.to_owned(), fields };
        for name in fields.keys().filter(|name| !known.contains(&name.as_str())) {
            let field = object.at(showable(name).unwrap_or("(unknown)"));
            problems.add(field, "unknown-field", object.unknown(name, known));
        }
        Some(object)
    }

    fn unknown(&self, name: &str, known: &[&str]) -> String {
        if let Some(close) = nearest(name, known) {
            return format!("there is no such field; did you mean {}?", self.at(close));
        }
        if self.path.is_empty() && fields::SUBJECT.contains(&name) {
            return format!("there is no such field; did you mean subject.{name}?");
        }
        format!("there is no such field; use {}", known.join(", "))
    }

    /// The path of one of its fields.
    pub(super) fn at(&self, field: &str) -> String {
        if self.path.is_empty() { field.to_owned() } else { format!("{}.{field}", self.path) }
    }

    /// A field's value; `null` is the same as nothing.
    pub(super) fn get(&self, field: &str) -> Option<&'a Value> {
        self.fields.get(field).filter(|value| !value.is_null())
    }

    /// A field of text, read by `parse`; nothing if it is absent or wrong.
    pub(super) fn text<T>(
        &self,
        field: &str,
        problems: &mut Problems,
        parse: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        read_text(&self.at(field), self.get(field)?, problems, parse)
    }

    /// The same for a field that must be there.
    pub(super) fn required_text<T>(
        &self,
        field: &str,
        problems: &mut Problems,
        parse: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        self.required(field, problems)?;
        self.text(field, problems, parse)
    }

    /// A whole number within bounds; nothing if it is absent or wrong.
    pub(super) fn number(
        &self,
        field: &str,
        bounds: std::ops::RangeInclusive<u64>,
        problems: &mut Problems,
    ) -> Option<u64> {
        let found = self.get(field)?.as_u64().filter(|number| bounds.contains(number));
        if found.is_none() {
            let message = format!("use a whole number from {} to {}", bounds.start(), bounds.end());
            problems.add(self.at(field), "out-of-range", message);
        }
        found
    }

    /// A value that must be there.
    pub(super) fn required(&self, field: &str, problems: &mut Problems) -> Option<&'a Value> {
        let value = self.get(field);
        if value.is_none() {
            problems.add(self.at(field), "required", "add this field");
        }
        value
    }

    /// A list of at most `max` values with their paths; empty if it is absent, too long or no list.
    pub(super) fn list(&self, field: &str, max: usize, problems: &mut Problems) -> Vec<(String, &'a Value)> {
        match self.get(field) {
            None => Vec::new(),
            Some(Value::Array(values)) if values.len() > max => {
                problems.add(self.at(field), "too-many", format!("give at most {max}"));
                Vec::new()
            }
            Some(Value::Array(values)) => {
                let path = self.at(field);
                values.iter().enumerate().map(|(place, value)| (format!("{path}[{place}]"), value)).collect()
            }
            Some(other) => {
                problems.add(self.at(field), "wrong-type", wrong_type("a list", other));
                Vec::new()
            }
        }
    }
}

/// The text at `path`, read by `parse`.
pub(super) fn read_text<T>(
    path: &str,
    value: &Value,
    problems: &mut Problems,
    parse: impl FnOnce(&str) -> Result<T, Fault>,
) -> Option<T> {
    let Value::String(text) = value else {
        problems.add(path, "wrong-type", wrong_type("text", value));
        return None;
    };
    match parse(text) {
        Ok(read) => Some(read),
        Err((code, message)) => {
            problems.add(path, code, message);
            None
        }
    }
}

fn wrong_type(wanted: &str, found: &Value) -> String {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    format!("expected {wanted}, found {found}")
}
