//! Reading values.

use habeas_domain::{Value, schema::FieldType};
use sqlx::{Row as _, TypeInfo as _, ValueRef as _, sqlite::SqliteRow};

use super::Native;
use crate::{parsing, table::Column};

/// The row says what a value is; the column's declared type only says how to understand it.
pub(super) fn decode(row: &SqliteRow, at: usize, column: &Column<Native>) -> Result<Value, sqlx::Error> {
    let stored = row.try_get_raw(at)?;
    let class = if stored.is_null() { "NULL".to_owned() } else { stored.type_info().name().to_owned() };
    let value = match class.as_str() {
        "NULL" => Value::Null,
        "INTEGER" | "BOOLEAN" => Value::Int(row.try_get_unchecked(at)?),
        "REAL" => Value::Float(row.try_get_unchecked(at)?),
        "TEXT" => text(row, at)?,
        _ => Value::Bytes(row.try_get_unchecked(at)?),
    };
    Ok(if column.native.raw { value } else { understood(value, column.field.kind) })
}

/// SQLite does not check that text is text.
fn text(row: &SqliteRow, at: usize) -> Result<Value, sqlx::Error> {
    let bytes: Vec<u8> = row.try_get_unchecked(at)?;
    Ok(String::from_utf8(bytes).map_or_else(|bad| Value::Bytes(bad.into_bytes()), Value::Text))
}

fn understood(value: Value, kind: FieldType) -> Value {
    match (value, kind) {
        (Value::Int(0), FieldType::Bool) => Value::Bool(false),
        (Value::Int(1), FieldType::Bool) => Value::Bool(true),
        (Value::Int(number), FieldType::Decimal) => Value::Decimal(number.to_string()),
        (Value::Float(number), FieldType::Decimal) => Value::Decimal(number.to_string()),
        (Value::Text(text), FieldType::DateTime) => moment_or_text(text),
        (Value::Text(text), FieldType::Int | FieldType::Float | FieldType::Bool) => Value::Text(text),
        (Value::Text(text), kind) => parsing::value(text, kind),
        (value, _) => value,
    }
}

/// SQLite's `DATETIME` is text with or without a zone.
fn moment_or_text(text: String) -> Value {
    let local = parsing::date_time(&text).map(Value::DateTime);
    local.or_else(|| parsing::moment(&text).map(Value::Timestamp)).unwrap_or(Value::Text(text))
}
