//! Live schemas, written briefly.

use habeas_domain::{
    CollectionName, FieldName,
    schema::{CollectionSchema, FieldSchema, FieldType, Reference},
};

pub(crate) fn name(text: &str) -> CollectionName {
    CollectionName::new(text).unwrap()
}

pub(crate) fn field(text: &str) -> FieldName {
    FieldName::new(text).unwrap()
}

/// A column that takes NULL and any length.
pub(crate) fn column(text: &str, kind: FieldType) -> FieldSchema {
    FieldSchema { name: field(text), kind, nullable: true, max_chars: None, generated: false }
}

/// A column that takes no NULL.
pub(crate) fn required(text: &str, kind: FieldType) -> FieldSchema {
    FieldSchema { nullable: false, ..column(text, kind) }
}

/// A collection whose first column identifies the rows, with an index on each column.
pub(crate) fn table(text: &str, fields: Vec<FieldSchema>) -> CollectionSchema {
    let indexed = fields.iter().map(|field| field.name.clone()).collect();
    let identity = fields.iter().take(1).map(|field| field.name.clone()).collect();
    CollectionSchema {
        name: name(text),
        fields,
        identity,
        unique: Vec::new(),
        indexed,
        references: Vec::new(),
        obstacles: Vec::new(),
    }
}

/// A reference to the first column of another collection.
pub(crate) fn refers(from: &str, to: &str, follows: bool) -> Reference {
    Reference { fields: vec![field(from)], to: name(to), to_fields: vec![field("id")], follows }
}
