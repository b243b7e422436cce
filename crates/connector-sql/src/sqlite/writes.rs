//! Deleting and updating.

use habeas_domain::Value;

use super::{Native, quote};
use crate::{
    dialect::Change,
    listed,
    statement::Statement,
    table::{Column, Table},
};

pub(super) fn delete(table: &Table<Native>, rows: &[&[Value]]) -> Vec<Statement> {
    listed::delete(table, rows, quote)
}

pub(super) fn update(
    table: &Table<Native>,
    columns: &[&Column<Native>],
    rows: &[Change<'_>],
) -> Vec<Statement> {
    listed::update(table, columns, rows, quote)
}
