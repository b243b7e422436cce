//! Reading values.

use habeas_domain::{Value, schema::FieldType};
use sqlx::{Row as _, mysql::MySqlRow};

use super::{Native, Read, quote};
use crate::{parsing, table::Column};

/// Numbers and bytes are read as they are, all others as text: it can tell of `0000-00-00`.
pub(super) fn expression(column: &Column<Native>) -> String {
    let name = quote(column.field.name.as_str());
    match column.native.read {
        Read::AsText => format!("CAST(t.{name} AS CHAR CHARACTER SET utf8mb4)"),
        Read::Bits => format!("CAST(t.{name} AS UNSIGNED)"),
        _ => format!("t.{name}"),
    }
}

pub(super) fn decode(row: &MySqlRow, at: usize, column: &Column<Native>) -> Result<Value, sqlx::Error> {
    let value = match column.native.read {
        Read::Int => row.try_get_unchecked::<Option<i64>, _>(at)?.map(Value::Int),
        Read::Unsigned | Read::Bits => row.try_get_unchecked::<Option<u64>, _>(at)?.map(unsigned),
        Read::Float => row.try_get_unchecked::<Option<f64>, _>(at)?.map(Value::Float),
        Read::Bytes => row.try_get_unchecked::<Option<Vec<u8>>, _>(at)?.map(Value::Bytes),
        Read::AsText => {
            let text = row.try_get_unchecked::<Option<String>, _>(at)?;
            text.map(|text| parsing::value(text, column.field.kind))
        }
    };
    Ok(match (value, column.field.kind) {
        (Some(Value::Int(0)), FieldType::Bool) => Value::Bool(false),
        (Some(Value::Int(1)), FieldType::Bool) => Value::Bool(true),
        (value, _) => value.unwrap_or_default(),
    })
}

fn unsigned(number: u64) -> Value {
    i64::try_from(number).map_or_else(|_| Value::Decimal(number.to_string()), Value::Int)
}
