//! Reading and writing values.

use habeas_domain::Value;
use sqlx::{Row as _, postgres::PgRow};

use super::{Native, Read, quote};
use crate::{parsing, table::Column};

/// Common types are read as they are, all others through their text form: it can tell of infinite dates, of
/// numbers of any size and of types that we have never heard of.
pub(super) fn expression(column: &Column<Native>) -> String {
    let name = quote(column.field.name.as_str());
    match column.native.read {
        Read::AsText => format!("t.{name}::text"),
        _ => format!("t.{name}"),
    }
}

pub(super) fn decode(row: &PgRow, at: usize, column: &Column<Native>) -> Result<Value, sqlx::Error> {
    let value = match column.native.read {
        Read::Bool => row.try_get_unchecked::<Option<bool>, _>(at)?.map(Value::Bool),
        Read::Int2 => row.try_get_unchecked::<Option<i16>, _>(at)?.map(|number| Value::Int(number.into())),
        Read::Int4 => row.try_get_unchecked::<Option<i32>, _>(at)?.map(|number| Value::Int(number.into())),
        Read::Int8 => row.try_get_unchecked::<Option<i64>, _>(at)?.map(Value::Int),
        Read::Float4 => row.try_get_unchecked::<Option<f32>, _>(at)?.map(shortest),
        Read::Float8 => row.try_get_unchecked::<Option<f64>, _>(at)?.map(Value::Float),
        Read::Text => row.try_get_unchecked::<Option<String>, _>(at)?.map(Value::Text),
        Read::PaddedText => {
            let padded = row.try_get_unchecked::<Option<&str>, _>(at)?;
            padded.map(|text| Value::Text(text.trim_end_matches(' ').to_owned()))
        }
        Read::Bytes => row.try_get_unchecked::<Option<Vec<u8>>, _>(at)?.map(Value::Bytes),
        Read::AsText => {
            let text = row.try_get_unchecked::<Option<String>, _>(at)?;
            text.map(|text| parsing::value(text, column.field.kind))
        }
    };
    Ok(value.unwrap_or_default())
}

/// The number that is written the same way: 0.1, not the nearest double to the nearest float of it.
fn shortest(number: f32) -> Value {
    Value::Float(number.to_string().parse().unwrap_or_else(|_| number.into()))
}

/// A value in the form that a cast from text reads.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Bytes(bytes) => Some(format!("\\x{}", hex::encode(bytes))),
        other => Some(other.to_text()),
    }
}
