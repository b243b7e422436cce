//! What a collection's values turned out to be, so that its schema is true also for stores that do not
//! keep to their declared types (such as SQLite).

use std::collections::BTreeSet;

use habeas_domain::{Value, schema::FieldType};

/// A type of JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shape {
    Boolean,
    Integer,
    Number,
    Text,
    /// Structured data of any type.
    Any,
}

/// What one field declares and has shown.
#[derive(Debug)]
pub(crate) struct Observed {
    kind: FieldType,
    shapes: BTreeSet<Shape>,
    as_declared: bool,
}

impl Observed {
    pub(crate) fn new(kind: FieldType) -> Self {
        Self { kind, shapes: BTreeSet::from([declared(kind)]), as_declared: true }
    }

    pub(crate) fn see(&mut self, value: &Value) {
        if let Some((kind, shape)) = found(value) {
            self.shapes.insert(shape);
            self.as_declared &= kind == self.kind;
        }
    }

    /// The JSON types; nothing if any may come.
    pub(crate) fn types(&self) -> Option<Vec<&'static str>> {
        if self.shapes.contains(&Shape::Any) {
            return None;
        }
        Some(self.shapes.iter().filter_map(|shape| shape.name()).chain(["null"]).collect())
    }

    /// The format of JSON Schema's vocabulary that every value has.
    pub(crate) fn format(&self) -> Option<&'static str> {
        match self.kind {
            FieldType::Date => Some("date"),
            FieldType::Timestamp => Some("date-time"),
            FieldType::Uuid => Some("uuid"),
            _ => None,
        }
        .filter(|_| self.as_declared)
    }

    /// How bytes are written as text.
    pub(crate) fn encoding(&self) -> Option<&'static str> {
        (self.kind == FieldType::Bytes && self.as_declared).then_some("base16")
    }
}

impl Shape {
    fn name(self) -> Option<&'static str> {
        match self {
            Self::Boolean => Some("boolean"),
            Self::Integer => Some("integer"),
            Self::Number => Some("number"),
            Self::Text => Some("string"),
            Self::Any => None,
        }
    }
}

fn declared(kind: FieldType) -> Shape {
    match kind {
        FieldType::Bool => Shape::Boolean,
        FieldType::Int => Shape::Integer,
        FieldType::Float => Shape::Number,
        FieldType::Json => Shape::Any,
        _ => Shape::Text,
    }
}

fn found(value: &Value) -> Option<(FieldType, Shape)> {
    let kind = FieldType::of(value)?;
    Some((kind, declared(kind)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_to_its_type_has_its_format() {
        let mut date = Observed::new(FieldType::Date);
        date.see(&Value::Null);
        date.see(&Value::Date(chrono::NaiveDate::default()));
        assert_eq!(date.types(), Some(vec!["string", "null"]));
        assert_eq!(date.format(), Some("date"));
    }

    #[test]
    fn what_strays_widens_the_schema() {
        let mut date = Observed::new(FieldType::Date);
        date.see(&Value::Int(7));
        date.see(&Value::Text("soon".to_owned()));
        assert_eq!(date.types(), Some(vec!["integer", "string", "null"]));
        assert_eq!(date.format(), None);
        date.see(&Value::Json(serde_json::json!([])));
        assert_eq!(date.types(), None);
    }
}
