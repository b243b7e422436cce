//! Rows of a catalog, of which several describe one index or one reference.

use std::collections::BTreeMap;

use habeas_domain::FieldName;
use sqlx::{ColumnIndex, Decode, Row, Type};

/// Rows of the same table and index or reference, in their order.
pub(crate) fn grouped<R>(rows: Vec<R>) -> Result<BTreeMap<(String, String), Vec<R>>, sqlx::Error>
where
    R: Row,
    for<'n> &'n str: ColumnIndex<R>,
    for<'r> String: Decode<'r, R::Database> + Type<R::Database>,
{
    let mut groups: BTreeMap<_, Vec<R>> = BTreeMap::new();
    for row in rows {
        let key = (row.try_get("name")?, row.try_get("part_of")?);
        groups.entry(key).or_default().push(row);
    }
    Ok(groups)
}

/// The fields that one column of these rows names. Where it is empty (an expression, a part of a field), none is.
pub(crate) fn names<R>(rows: &[R], column: &str) -> Result<Vec<FieldName>, sqlx::Error>
where
    R: Row,
    for<'n> &'n str: ColumnIndex<R>,
    for<'r> Option<String>: Decode<'r, R::Database> + Type<R::Database>,
{
    let mut names = Vec::with_capacity(rows.len());
    for row in rows {
        names.extend(row.try_get::<Option<String>, _>(column)?.and_then(|name| FieldName::new(name).ok()));
    }
    Ok(names)
}
