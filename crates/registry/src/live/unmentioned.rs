//! Personal-looking data that a manifest forgot.

use habeas_domain::schema::{CollectionSchema, FieldType};

use super::{
    Check, Spot,
    personal_words::{Look, look},
};
use crate::{Code, Collection};

/// Columns of a declared collection.
pub(super) fn fields(check: &mut Check<'_>, collection: &Collection, schema: &CollectionSchema) {
    let mentioned = |name| collection.field(name).is_some();
    for column in
        schema.fields.iter().filter(|column| column.kind != FieldType::Bool && !mentioned(&column.name))
    {
        if look(column.name.as_str()) != Look::Plain {
            let spot = Spot { collection: &collection.name, field: Some(&column.name) };
            let fix = "describe it, or write internal = true if it is not personal";
            check.warning(
                Code::UnmentionedField,
                spot,
                "it looks personal, and the manifest does not mention it",
                fix,
            );
        }
    }
}

/// Collections that the manifest does not declare.
pub(super) fn collections(check: &mut Check<'_>) {
    for schema in check.schemas.iter().filter(|schema| check.manifest.collection(&schema.name).is_none()) {
        let columns = schema.fields.iter().filter(|column| column.kind != FieldType::Bool);
        let names = columns.map(|column| column.name.as_str()).filter(|name| look(name) == Look::Personal);
        let personal: Vec<&str> = names.collect();
        if !personal.is_empty() {
            let message =
                format!("the manifest does not mention it, and it looks personal: {}", personal.join(", "));
            let fix = "add a [[collection]]; with internal = true for the fields that are not personal";
            check.warning(Code::UnmentionedCollection, Spot::of(&schema.name), message, fix);
        }
    }
}
