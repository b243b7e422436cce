//! What a store says about its own shape: the live schema that manifests are checked against.

use serde::{Deserialize, Serialize};

use crate::{CollectionName, FieldName, Value};

/// The kind of values that a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldType {
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// A binary floating-point number.
    Float,
    /// An exact decimal number.
    Decimal,
    /// Text.
    Text,
    /// Raw bytes.
    Bytes,
    /// A calendar date.
    Date,
    /// A time of day.
    Time,
    /// A date and time without a zone.
    DateTime,
    /// A moment.
    Timestamp,
    /// A UUID.
    Uuid,
    /// Structured data.
    Json,
    /// Something Habeas can read as text and must not write.
    Other,
}

impl FieldType {
    /// The type that a value has; nothing for [`Value::Null`].
    pub const fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Null => return None,
            Value::Bool(_) => Self::Bool,
            Value::Int(_) => Self::Int,
            Value::Float(_) => Self::Float,
            Value::Decimal(_) => Self::Decimal,
            Value::Text(_) => Self::Text,
            Value::Bytes(_) => Self::Bytes,
            Value::Date(_) => Self::Date,
            Value::Time(_) => Self::Time,
            Value::DateTime(_) => Self::DateTime,
            Value::Timestamp(_) => Self::Timestamp,
            Value::Uuid(_) => Self::Uuid,
            Value::Json(_) => Self::Json,
        })
    }
}

/// One field of a collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldSchema {
    /// Its name.
    pub name: FieldName,
    /// What it takes.
    pub kind: FieldType,
    /// Whether it takes nothing (NULL).
    pub nullable: bool,
    /// The most characters it takes, where the store limits them.
    pub max_chars: Option<u32>,
    /// Whether the store computes it, so that it cannot be written.
    pub generated: bool,
}

/// A reference from this collection to another of the same store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The fields of this collection.
    pub fields: Vec<FieldName>,
    /// The collection they refer to.
    pub to: CollectionName,
    /// The fields there.
    pub to_fields: Vec<FieldName>,
    /// Whether the store itself deletes or empties these rows when the other goes (ON DELETE CASCADE or SET NULL).
    pub follows: bool,
}

/// What of a collection keeps a store from doing what a manifest says of it, whatever its fields are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Obstacle {
    /// It knows no transactions: a change that fails in its middle stays done in part.
    NoTransactions,
    /// The store keeps every earlier version of its rows, those that were deleted too.
    KeepsHistory,
    /// Rules of the store may hide rows from whom it is asked by.
    HidesRows,
}

/// One collection as the store describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectionSchema {
    /// Its name.
    pub name: CollectionName,
    /// Its fields, in the store's order.
    pub fields: Vec<FieldSchema>,
    /// The fields that identify a row; empty if there are none.
    pub identity: Vec<FieldName>,
    /// Each set of fields whose values may not repeat, the identity not included.
    pub unique: Vec<Vec<FieldName>>,
    /// The fields that an index finds quickly by themselves (the first field of each index).
    pub indexed: Vec<FieldName>,
    /// References to other collections.
    pub references: Vec<Reference>,
    /// What is in the way of a deletion that can be proven.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub obstacles: Vec<Obstacle>,
}

impl CollectionSchema {
    /// A collection of which nothing more is known.
    pub const fn new(name: CollectionName) -> Self {
        Self {
            name,
            fields: Vec::new(),
            identity: Vec::new(),
            unique: Vec::new(),
            indexed: Vec::new(),
            references: Vec::new(),
            obstacles: Vec::new(),
        }
    }

    /// The field of that name.
    pub fn field(&self, name: &FieldName) -> Option<&FieldSchema> {
        self.fields.iter().find(|field| &field.name == name)
    }
}
