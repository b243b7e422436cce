//! Reading JSON objects and queries field by field, noting every problem on the way. No text shows a value.

use std::{fmt::Display, str::FromStr};

use habeas_domain::{clean_text, text::TextRule};
use serde_json::{Map, Value};

use crate::problem::{FieldError, Problem};

/// The most problems that are told at once.
const MOST: usize = 50;

/// What can be read from the fields of a body or a query.
pub(crate) trait FromFields: Sized {
    /// Every field that is known.
    const KNOWN: &'static [&'static str];

    /// Reads every field before it gives up, so that every problem is noted.
    fn read(fields: &mut Fields<'_>) -> Option<Self>;
}

/// The fields of one object.
pub(crate) struct Fields<'a> {
    object: &'a Map<String, Value>,
    errors: Vec<FieldError>,
}

/// Reads an object.
pub(crate) fn read<T: FromFields>(value: &Value) -> Result<T, Problem> {
    let Value::Object(object) = value else {
        let message = format!("send an object with {}", T::KNOWN.join(", "));
        return Err(Problem::invalid(vec![error("body", "wrong-type", message)]));
    };
    let mut fields = Fields { object, errors: Vec::new() };
    for name in object.keys().filter(|name| !T::KNOWN.contains(&name.as_str())) {
        let known = if T::KNOWN.is_empty() { "none".to_owned() } else { T::KNOWN.join(", ") };
        fields.note(showable(name), "unknown-field", format!("there is no such field; known: {known}"));
    }
    match T::read(&mut fields) {
        Some(read) if fields.errors.is_empty() => Ok(read),
        _ => Err(Problem::invalid(fields.errors)),
    }
}

impl Fields<'_> {
    /// Notes a problem.
    pub(crate) fn note(&mut self, field: &str, code: &'static str, message: impl Into<String>) {
        if self.errors.len() < MOST {
            self.errors.push(error(field, code, message));
        }
    }

    /// Whether a field is there. `null` is the same as leaving it out.
    pub(crate) fn has(&self, field: &str) -> bool {
        self.object.get(field).is_some_and(|value| !value.is_null())
    }

    /// A field that has to be there, read by its type's own rule.
    pub(crate) fn required<T: FromStr<Err: Display>>(&mut self, field: &str) -> Option<T> {
        if self.has(field) {
            return self.optional(field);
        }
        self.note(field, "required", "this field is required");
        None
    }

    /// A field that may be left out.
    pub(crate) fn optional<T: FromStr<Err: Display>>(&mut self, field: &str) -> Option<T> {
        let text = self.text(field)?;
        self.parsed(field, text)
    }

    /// A word of a fixed list that may be left out.
    pub(crate) fn word<T: Copy + Display>(&mut self, field: &str, all: &[T]) -> Option<T> {
        let text = self.text(field)?;
        let found = all.iter().copied().find(|word| word.to_string() == text);
        if found.is_none() {
            let words: Vec<String> = all.iter().map(ToString::to_string).collect();
            self.note(field, "malformed", format!("use one of: {}", words.join(", ")));
        }
        found
    }

    /// A yes or no; no where it is left out.
    pub(crate) fn flag(&mut self, field: &str) -> Option<bool> {
        match self.object.get(field) {
            None | Some(Value::Null) => Some(false),
            Some(Value::Bool(yes)) => Some(*yes),
            Some(_) => {
                self.note(field, "wrong-type", "write true or false");
                None
            }
        }
    }

    /// A prose field, cleaned, that may be left out.
    pub(crate) fn prose(&mut self, field: &str, rule: TextRule) -> Option<String> {
        let text = self.text(field)?;
        clean_text(text, rule).map_err(|problem| self.note(field, problem.code(), problem.to_string())).ok()
    }

    /// A prose field, cleaned, that has to be there.
    pub(crate) fn required_prose(&mut self, field: &str, rule: TextRule) -> Option<String> {
        if self.has(field) {
            return self.prose(field, rule);
        }
        self.note(field, "required", "this field is required");
        None
    }

    /// A whole number within bounds; `usual` where it is left out. Queries write numbers as text.
    pub(crate) fn number(
        &mut self,
        field: &str,
        bounds: std::ops::RangeInclusive<u64>,
        usual: u64,
    ) -> Option<u64> {
        let number = match self.object.get(field) {
            None | Some(Value::Null) => return Some(usual),
            Some(Value::String(text)) => text.parse().ok(),
            Some(other) => other.as_u64(),
        };
        let fit = number.filter(|number| bounds.contains(number));
        if fit.is_none() {
            let message = format!("use a whole number from {} to {}", bounds.start(), bounds.end());
            self.note(field, "out-of-range", message);
        }
        fit
    }

    /// A list of texts, each read by its type's own rule. Nothing if it is left out.
    pub(crate) fn list<T: FromStr<Err: Display>>(&mut self, field: &str, most: usize) -> Option<Vec<T>> {
        if !self.has(field) {
            return None;
        }
        let Some(Value::Array(items)) = self.object.get(field) else {
            self.note(field, "wrong-type", "use a list of texts");
            return None;
        };
        if items.is_empty() || items.len() > most {
            self.note(field, "out-of-range", format!("give 1 to {most} entries"));
            return None;
        }
        let mut read = Vec::with_capacity(items.len());
        for (place, item) in items.iter().enumerate() {
            let at = format!("{field}[{place}]");
            match item.as_str() {
                Some(text) => read.extend(self.parsed(&at, text)),
                None => self.note(&at, "wrong-type", "use a text"),
            }
        }
        (read.len() == items.len()).then_some(read)
    }

    /// A value that is read elsewhere; nothing (`null`) if it is left out.
    pub(crate) fn value(&self, field: &str) -> Value {
        self.object.get(field).cloned().unwrap_or_default()
    }

    /// A list of values that are read elsewhere, which has to be there.
    pub(crate) fn values(
        &mut self,
        field: &str,
        count: std::ops::RangeInclusive<usize>,
    ) -> Option<Vec<Value>> {
        let items = self.object.get(field).and_then(Value::as_array);
        let fit = items.filter(|items| count.contains(&items.len()));
        if fit.is_none() {
            let message =
                format!("send a list of {} to {}; the rest in further calls", count.start(), count.end());
            self.note(field, if items.is_some() { "out-of-range" } else { "wrong-type" }, message);
        }
        fit.cloned()
    }

    /// A list of objects, each read by its own rule. Empty if it is left out.
    pub(crate) fn objects<T: FromFields>(&mut self, field: &str, most: usize) -> Option<Vec<T>> {
        if !self.has(field) {
            return Some(Vec::new());
        }
        let Some(Value::Array(items)) = self.object.get(field) else {
            self.note(field, "wrong-type", "use a list of objects");
            return None;
        };
        if items.len() > most {
            self.note(field, "out-of-range", format!("give at most {most} entries"));
            return None;
        }
        let mut all = Vec::with_capacity(items.len());
        for (place, item) in items.iter().enumerate() {
            match read(item) {
                Ok(one) => all.push(one),
                Err(problem) => {
                    for error in problem.into_errors() {
                        self.note(&format!("{field}[{place}].{}", error.field), error.code, error.message);
                    }
                }
            }
        }
        (all.len() == items.len()).then_some(all)
    }

    fn parsed<T: FromStr<Err: Display>>(&mut self, field: &str, text: &str) -> Option<T> {
        match text.parse() {
            Ok(read) => Some(read),
            Err(problem) => {
                self.note(field, "malformed", problem.to_string());
                None
            }
        }
    }
}

impl<'a> Fields<'a> {
    fn text(&mut self, field: &str) -> Option<&'a str> {
        match self.object.get(field) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text),
            Some(_) => {
                self.note(field, "wrong-type", "use a text");
                None
            }
        }
    }
}

fn error(field: &str, code: &'static str, message: impl Into<String>) -> FieldError {
    FieldError { field: field.to_owned(), code, message: message.into() }
}

/// An unknown field as it may be shown: only what looks like the name of a field, since anything else may be a value
/// that slipped into the wrong place.
fn showable(name: &str) -> &str {
    let plain = name.len() <= 40 && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    if plain && !name.is_empty() { name } else { "(unknown)" }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct Two {
        day: Option<u64>,
        name: String,
    }

    impl FromFields for Two {
        const KNOWN: &'static [&'static str] = &["day", "name"];
        fn read(fields: &mut Fields<'_>) -> Option<Self> {
            let day = fields.number("day", 1..=31, 1);
            let name = fields.required_prose("name", TextRule::line(10));
            Some(Self { day, name: name? })
        }
    }

    #[test]
    fn every_problem_is_told_at_once_without_values() {
        let wrong = json!({ "day": "taro@example.jp", "name": "山\0田", "taro@example.jp": 1, "colour": 1 });
        let problem = read::<Two>(&wrong).err().unwrap();
        insta::assert_snapshot!(serde_json::to_string_pretty(&problem).unwrap(), @r#"
        {
          "type": "urn:habeas:problem:invalid",
          "title": "Some fields are wrong",
          "status": 422,
          "detail": "correct the marked fields; nothing was changed",
          "errors": [
            {
              "field": "colour",
              "code": "unknown-field",
              "message": "there is no such field; known: day, name"
            },
            {
              "field": "(unknown)",
              "code": "unknown-field",
              "message": "there is no such field; known: day, name"
            },
            {
              "field": "day",
              "code": "out-of-range",
              "message": "use a whole number from 1 to 31"
            },
            {
              "field": "name",
              "code": "control-character",
              "message": "remove the control characters (line breaks, tabs, NUL)"
            }
          ]
        }
        "#);
    }

    #[test]
    fn what_is_right_is_read() {
        let two: Two = read(&json!({ "day": "5", "name": " 山田 " })).ok().unwrap();
        assert_eq!((two.day, two.name.as_str()), (Some(5), "山田"));
    }
}
