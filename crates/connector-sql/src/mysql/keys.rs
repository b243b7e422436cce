//! Finding rows by keys.

use habeas_connector_api::{Compare, keys};
use habeas_domain::{KeyValue, schema::FieldType};

use super::{Native, Read, quote};
use crate::{
    spelling,
    statement::{Arg, Statement},
    table::Column,
};

/// `t.email IN (?, ...)`, each key bound in the column's own type so that its index serves. A key that cannot be of
/// that type is left out.
pub(super) fn condition(
    column: &Column<Native>,
    compare: Compare,
    keys: &[&KeyValue],
    statement: &mut Statement,
) -> bool {
    let name = format!("t.{}", quote(column.field.name.as_str()));
    if column.field.kind == FieldType::Text {
        return text_condition(column, &name, compare, keys, statement);
    }
    let args = keys.iter().filter_map(|key| meant(key, column)).collect();
    list(&name, args, None, statement)
}

fn text_condition(
    column: &Column<Native>,
    name: &str,
    compare: Compare,
    keys: &[&KeyValue],
    statement: &mut Statement,
) -> bool {
    // A collation that ignores case does so by itself, with its index.
    let lower = compare == Compare::Caseless && !column.native.caseless;
    let left = if lower { format!("LOWER({name})") } else { name.to_owned() };
    let texts = spelling::of(keys, compare).into_iter().map(Arg::Text).collect();
    list(&left, texts, column.native.charset.as_deref(), statement)
}

fn meant(key: &KeyValue, column: &Column<Native>) -> Option<Arg> {
    let unsigned = || key.as_str().parse().ok().map(Arg::Unsigned);
    match column.native.read {
        Read::Unsigned | Read::Bits => unsigned(),
        _ => keys::typed(key, column.field.kind).map(|value| Arg::of(&value)),
    }
}

fn list(left: &str, args: Vec<Arg>, charset: Option<&str>, statement: &mut Statement) -> bool {
    if args.is_empty() {
        return false;
    }
    statement.push(left).push(" IN (");
    statement.bind_list(args, |to, arg| match charset {
        // What the column's character set cannot write becomes `?`, which finds nobody.
        Some(charset) => {
            to.push("CONVERT(").bind(arg).push(" USING ").push(charset).push(")");
        }
        None => {
            to.bind(arg);
        }
    });
    statement.push(")");
    true
}
