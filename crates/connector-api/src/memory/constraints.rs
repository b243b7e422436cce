//! What a table refuses by itself.

use std::collections::HashSet;

use habeas_domain::{
    FieldName, Value,
    schema::{CollectionSchema, FieldSchema},
};

use super::database::Row;
use crate::{StoreError, code};

/// Refuses rows that break the schema.
pub(super) fn check(schema: &CollectionSchema, rows: &[Row]) -> Result<(), StoreError> {
    for row in rows {
        if row.len() != schema.fields.len() {
            return Err(refused(schema, "every row has one value per field"));
        }
        for (field, value) in schema.fields.iter().zip(row.iter()) {
            check_value(schema, field, value)?;
        }
    }
    let identity = (!schema.identity.is_empty()).then_some(&schema.identity);
    identity.into_iter().chain(&schema.unique).try_for_each(|fields| check_unique(schema, fields, rows))
}

fn check_value(schema: &CollectionSchema, field: &FieldSchema, value: &Value) -> Result<(), StoreError> {
    let too_long = match (value, field.max_chars) {
        (Value::Text(text), Some(max)) => text.chars().count() > max as usize,
        _ => false,
    };
    if value.is_null() && !field.nullable {
        return Err(refused(schema, &format!("field `{}` takes no NULL", field.name)));
    }
    if too_long {
        return Err(refused(schema, &format!("a text is too long for field `{}`", field.name)));
    }
    Ok(())
}

fn check_unique(schema: &CollectionSchema, fields: &[FieldName], rows: &[Row]) -> Result<(), StoreError> {
    let mut seen = HashSet::new();
    for row in rows {
        // As in SQL, NULL differs from every other NULL.
        if let Some(key) = key(schema, fields, row)
            && !seen.insert(key)
        {
            return Err(refused(schema, &format!("values of {fields:?} must not repeat")));
        }
    }
    Ok(())
}

/// The values of these fields as one comparable key; nothing if one of them is NULL.
pub(super) fn key(schema: &CollectionSchema, fields: &[FieldName], row: &[Value]) -> Option<Vec<String>> {
    let value = |name: &FieldName| {
        let at = schema.fields.iter().position(|field| &field.name == name)?;
        row.get(at).filter(|value| !value.is_null()).map(Value::to_text)
    };
    fields.iter().map(value).collect()
}

fn refused(schema: &CollectionSchema, rule: &str) -> StoreError {
    StoreError::permanent(code::CONSTRAINT, format!("collection `{}`: {rule}", schema.name))
}
