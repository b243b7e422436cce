//! Rows as a JSON array of objects, written one by one.

use std::io::Write;

use habeas_domain::Value;
use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};
use serde_json::ser::{Compound, PrettyFormatter};

use crate::{FieldInfo, PackageError, cell};

/// Runs `fill` with a sink for rows, and closes the array after it.
pub(crate) fn write<W: Write>(
    mut out: W,
    fill: impl FnOnce(&mut JsonRows<'_, &mut W>) -> Result<(), PackageError>,
) -> Result<(), PackageError> {
    let mut serializer = serde_json::Serializer::pretty(&mut out);
    let mut rows = JsonRows { array: serializer.serialize_seq(None)? };
    fill(&mut rows)?;
    SerializeSeq::end(rows.array)?;
    out.write_all(b"\n")?;
    Ok(())
}

/// An open array.
pub(crate) struct JsonRows<'a, W: Write> {
    array: Compound<'a, W, PrettyFormatter<'a>>,
}

impl<W: Write> JsonRows<'_, W> {
    pub(crate) fn row(&mut self, fields: &[FieldInfo], values: &[Value]) -> Result<(), PackageError> {
        Ok(self.array.serialize_element(&Row { fields, values })?)
    }
}

struct Row<'a> {
    fields: &'a [FieldInfo],
    values: &'a [Value],
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut row = out.serialize_map(Some(self.fields.len()))?;
        for (field, value) in self.fields.iter().zip(self.values) {
            row.serialize_entry(field.name.as_str(), &Plain(value))?;
        }
        row.end()
    }
}

/// The same as [`Value::to_json`], without a copy.
struct Plain<'a>(&'a Value);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => out.serialize_unit(),
            Value::Bool(value) => out.serialize_bool(*value),
            Value::Int(value) => out.serialize_i64(*value),
            Value::Float(value) => out.serialize_f64(*value),
            Value::Json(value) => value.serialize(out),
            other => out.serialize_str(&cell::text(other)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_what_the_domain_says() {
        let values = [
            Value::Null,
            Value::Bool(true),
            Value::Int(i64::MIN),
            Value::Float(-0.5),
            Value::Float(f64::NAN),
            Value::Decimal("12.50".to_owned()),
            Value::Text("</script>\0\u{202e}".to_owned()),
            Value::Bytes(vec![0, 255]),
            Value::Json(serde_json::json!({ "a": [1, null] })),
        ];
        for value in values {
            assert_eq!(serde_json::to_value(Plain(&value)).unwrap(), value.to_json());
        }
    }
}
