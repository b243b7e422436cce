//! Deleting and updating.

use habeas_domain::Value;

use super::{Native, quote};
use crate::{
    dialect::Change,
    listed,
    statement::Statement,
    table::{Column, Table},
};

/// `InnoDB` checks references row by row, so rows of one table that refer to each other let go first.
pub(super) fn delete(table: &Table<Native>, rows: &[&[Value]]) -> Vec<Statement> {
    let refers = |column: &&Column<Native>| {
        let mut own = table.self_references().filter(|reference| !reference.follows);
        column.field.nullable && own.any(|reference| reference.fields.contains(&column.field.name))
    };
    let columns: Vec<&Column<Native>> = table.columns.iter().filter(refers).collect();
    let mut statements = Vec::new();
    if !columns.is_empty() {
        let nothing = vec![&Value::Null; columns.len()];
        let changes: Vec<Change<'_>> = rows.iter().map(|row| (*row, nothing.clone())).collect();
        let letting_go = listed::update(table, &columns, &changes, quote).into_iter();
        statements.extend(letting_go.map(|statement| Statement { uncounted: true, ..statement }));
    }
    statements.extend(listed::delete(table, rows, quote));
    statements
}

pub(super) fn update(
    table: &Table<Native>,
    columns: &[&Column<Native>],
    rows: &[Change<'_>],
) -> Vec<Statement> {
    listed::update(table, columns, rows, quote)
}
