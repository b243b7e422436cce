//! Finding the rows of a group.

use std::{future::ready, sync::Arc};

use futures::{StreamExt, TryStreamExt, stream};
use habeas_connector_api::{FieldMatch, Reading, RowStream, Selection, StoreError};
use habeas_domain::{FieldName, Value};

use super::{Engine, parts::Parts};
use crate::{
    dialect::{Dialect, Row},
    failure::store_error,
    statement::Statement,
    table::{Column, Table},
};

/// The rows of a selection, as the database gives them.
pub(super) fn select<'a, D: Dialect>(
    engine: &'a Engine<D>,
    table: &Arc<Table<D::Native>>,
    selection: &'a Selection,
) -> Result<RowStream<'a>, StoreError> {
    let mut reading = Reading::new(selection);
    let columns = columns(table, reading.fields())?;
    let mut parts = Parts::new(&selection.matches, reading.fields(), D::KEYS_PER_STATEMENT);
    let mut statements = Vec::new();
    for (part, matches) in parts.matches().enumerate() {
        statements.extend(query::<D>(table, &columns, matches)?.map(|statement| (part, statement)));
    }
    let rows = stream::iter(statements).flat_map(move |(part, statement)| {
        D::stream(&engine.pool, statement).map(move |row| (part, row)).boxed()
    });
    let owned = rows.map(move |(part, row)| {
        let row = row.map_err(store_error::<D>).inspect_err(|error| engine.doubt(error))?;
        let values = decode_all::<D>(&row, &columns)?;
        Ok(if parts.found_before(part, &values) { None } else { reading.take(values) })
    });
    Ok(Box::pin(owned.try_filter_map(|row| ready(Ok(row)))))
}

/// The columns of these fields.
pub(super) fn columns<N: Clone>(
    table: &Table<N>,
    fields: &[&FieldName],
) -> Result<Vec<Column<N>>, StoreError> {
    fields.iter().map(|name| table.column(name).cloned()).collect()
}

/// The select of these columns where any of the matches finds a row; nothing if none of them can.
pub(super) fn query<D: Dialect>(
    table: &Table<D::Native>,
    columns: &[Column<D::Native>],
    matches: &[FieldMatch],
) -> Result<Option<Statement>, StoreError> {
    let expressions: Vec<String> = columns.iter().map(D::expression).collect();
    let mut statement =
        Statement::new(format!("SELECT {} FROM {} AS t WHERE (", expressions.join(", "), table.path));
    let mut any = false;
    for one in matches.iter().filter(|one| !one.values.is_empty()) {
        let column = table.column(&one.field)?;
        let keys: Vec<_> = one.values.keys().collect();
        // Its placeholders are numbered on from those of the conditions before it.
        let mut condition = Statement { args: std::mem::take(&mut statement.args), ..Statement::default() };
        let can_find = D::condition(column, one.compare, &keys, &mut condition);
        statement.args = condition.args;
        if can_find {
            statement.push(if any { " OR (" } else { "(" }).push(&condition.sql).push(")");
            any = true;
        }
    }
    statement.push(")");
    Ok(any.then_some(statement))
}

/// The values of these columns, in their order.
pub(super) fn decode_all<D: Dialect>(
    row: &Row<D>,
    columns: &[Column<D::Native>],
) -> Result<Vec<Value>, StoreError> {
    let decode = |(at, column)| D::decode(row, at, column).map_err(store_error::<D>);
    columns.iter().enumerate().map(decode).collect()
}
