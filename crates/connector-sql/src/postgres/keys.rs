//! Finding rows by keys.

use habeas_connector_api::{Compare, keys};
use habeas_domain::{KeyValue, Value, schema::FieldType};

use super::{Native, Read, quote, values};
use crate::{
    spelling,
    statement::{Arg, Statement},
    table::Column,
};

/// `t.email = ANY($1)`, in the column's own type so that its index serves. A key that cannot be of that type is
/// left out: it could only make the database fail.
pub(super) fn condition(
    column: &Column<Native>,
    compare: Compare,
    keys: &[&KeyValue],
    statement: &mut Statement,
) -> bool {
    let name = format!("t.{}", quote(column.field.name.as_str()));
    if !column.native.compares {
        let text = format!("{name}::text");
        let text = if compare == Compare::Caseless { format!("lower({text})") } else { text };
        return any(&text, "text", spelling::of(keys, compare), statement);
    }
    if column.field.kind == FieldType::Text {
        return text_condition(column, &name, compare, keys, statement);
    }
    let meant = keys.iter().filter_map(|key| keys::typed(key, column.field.kind));
    let fitting = meant.filter(|value| fits(value, column.native.read));
    any(&name, &column.native.cast, fitting.filter_map(|value| values::text(&value)).collect(), statement)
}

fn text_condition(
    column: &Column<Native>,
    name: &str,
    compare: Compare,
    keys: &[&KeyValue],
    statement: &mut Statement,
) -> bool {
    if compare == Compare::Exact {
        return any(name, &column.native.cast, spelling::exact(keys), statement);
    }
    any(&format!("lower({name})"), "text", spelling::lowered(keys), statement)
}

fn any(left: &str, cast: &str, texts: Vec<String>, statement: &mut Statement) -> bool {
    if texts.is_empty() {
        return false;
    }
    statement.push(left).push(" = ANY(");
    statement.bind_numbered(Arg::Texts(texts.into_iter().map(Some).collect()));
    statement.push("::text[]::").push(cast).push("[])");
    true
}

fn fits(value: &Value, read: Read) -> bool {
    match (value, read) {
        (Value::Int(number), Read::Int2) => i16::try_from(*number).is_ok(),
        (Value::Int(number), Read::Int4) => i32::try_from(*number).is_ok(),
        _ => true,
    }
}
