//! Finding rows by keys.

use std::cmp::Ordering;

use habeas_connector_api::{Compare, keys};
use habeas_domain::{KeyValue, Value, schema::FieldType};
use serde_json::json;

use super::{Native, quote};
use crate::{
    spelling,
    statement::{Arg, Statement},
    table::Column,
};

/// Our own collation, because SQLite's knows the case of ASCII letters only.
pub(super) const CASELESS: &str = "habeas_caseless";

/// Compares texts without regard to case.
pub(super) fn compare_caseless(left: &str, right: &str) -> Ordering {
    left.to_lowercase().cmp(&right.to_lowercase())
}

/// `t.email IN (SELECT value FROM json_each(?))`. A column may hold values of any type, whatever it declares, so a
/// key is looked for in every form that it may have; whom a found row belongs to is decided afterwards.
pub(super) fn condition(
    column: &Column<Native>,
    compare: Compare,
    keys: &[&KeyValue],
    statement: &mut Statement,
) -> bool {
    if matches!(column.field.kind, FieldType::Float | FieldType::Json) {
        return false;
    }
    let name = format!("t.{}", quote(column.field.name.as_str()));
    if column.field.kind == FieldType::Bytes {
        return bytes_condition(&name, keys, statement);
    }
    let (plain, foreign): (Vec<&KeyValue>, Vec<&KeyValue>) =
        keys.iter().copied().partition(|key| compare == Compare::Exact || key.as_str().is_ascii());
    let collation = if compare == Compare::Caseless { " COLLATE NOCASE" } else { "" };
    let some = list(&format!("{name}{collation}"), forms(&plain, column.field.kind), statement);
    if foreign.is_empty() {
        return some;
    }
    statement.push(if some { " OR " } else { "" });
    list(&format!("{name} COLLATE {CASELESS}"), forms(&foreign, column.field.kind), statement)
}

/// The key as text, and as what else a column of that type may hold.
fn forms(keys: &[&KeyValue], kind: FieldType) -> Vec<serde_json::Value> {
    let mut forms: Vec<serde_json::Value> = spelling::exact(keys).into_iter().map(Into::into).collect();
    for key in keys {
        if let Some(Value::Int(number)) = keys::typed(key, FieldType::Int) {
            forms.push(number.into());
        }
        match keys::typed(key, kind) {
            Some(Value::Bool(truth)) => forms.push(i64::from(truth).into()),
            Some(Value::Uuid(uuid)) => forms.extend([
                json!(uuid.hyphenated().to_string()),
                json!(uuid.hyphenated().to_string().to_uppercase()),
                json!(uuid.simple().to_string()),
            ]),
            Some(Value::Decimal(digits)) => {
                forms.extend(digits.parse::<f64>().ok().map(|number| json!(number)));
            }
            Some(Value::DateTime(time)) => forms.push(json!(time.format("%Y-%m-%d %H:%M:%S%.f").to_string())),
            _ => {}
        }
    }
    forms
}

fn list(left: &str, forms: Vec<serde_json::Value>, statement: &mut Statement) -> bool {
    if forms.is_empty() {
        return false;
    }
    statement.push(left).push(" IN (SELECT value FROM json_each(");
    statement.bind(Arg::Text(serde_json::Value::Array(forms).to_string())).push("))");
    true
}

/// JSON cannot carry bytes.
fn bytes_condition(name: &str, keys: &[&KeyValue], statement: &mut Statement) -> bool {
    let meant = keys.iter().filter_map(|key| keys::typed(key, FieldType::Bytes));
    let args: Vec<Arg> = meant.map(|value| Arg::of(&value)).collect();
    if args.is_empty() {
        return false;
    }
    statement.push(name).push(" IN (");
    statement.bind_list(args, |to, arg| {
        to.bind(arg);
    });
    statement.push(")");
    true
}
