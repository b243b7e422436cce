//! Reading every row, a page at a time. Pages are found by what tells rows apart, so that each is one short statement
//! however large the table is, and so that rows that go meanwhile move no other to where it is not looked for.

use std::sync::Arc;

use futures::TryStreamExt;
use habeas_connector_api::{Place, Scan, ScanPage, StoreError};
use habeas_domain::FieldName;

use super::{
    Engine,
    changing::unidentified,
    querying::{columns, decode_all},
};
use crate::{
    dialect::Dialect,
    failure::store_error,
    statement::Statement,
    table::{Column, Table},
};

/// One page of a table.
pub(super) async fn page<D: Dialect>(
    engine: &Engine<D>,
    table: &Arc<Table<D::Native>>,
    scan: &Scan,
) -> Result<ScanPage, StoreError> {
    if table.locator.is_empty() {
        return Err(unidentified(&scan.collection));
    }
    let fields: Vec<&FieldName> = scan.fields.iter().collect();
    let mut read: Vec<Column<D::Native>> = table.locator.clone();
    read.extend(columns(table, &fields)?);
    let mut page = ScanPage { rows: Vec::new(), next: None };
    let mut rows = D::stream(&engine.pool, statement::<D>(table, &read, scan));
    while let Some(row) = rows.try_next().await.map_err(store_error::<D>)? {
        let mut place = decode_all::<D>(&row, &read)?;
        page.rows.push(place.split_off(table.locator.len()));
        page.next = Some(Place(place));
    }
    let is_last = page.rows.len() < scan.limit.max(1) as usize;
    Ok(ScanPage { next: page.next.filter(|_| !is_last), ..page })
}

fn statement<D: Dialect>(table: &Table<D::Native>, read: &[Column<D::Native>], scan: &Scan) -> Statement {
    let expressions: Vec<String> = read.iter().map(D::expression).collect();
    let mut statement = Statement::new(format!("SELECT {} FROM {} AS t", expressions.join(", "), table.path));
    if let Some(after) = &scan.after {
        statement.push(" WHERE ");
        behind::<D>(table, after, &mut statement);
    }
    first::<D>(table, scan.limit, &mut statement);
    statement
}

/// The first of them, in the order of what tells rows apart.
pub(super) fn first<D: Dialect>(table: &Table<D::Native>, limit: u32, statement: &mut Statement) {
    let order: Vec<String> = table.locator.iter().map(D::ordered).collect();
    statement.push(&format!(" ORDER BY {} LIMIT {}", order.join(", "), limit.max(1)));
}

/// `(a > 1) OR (a = 1 AND b > 2)`: written out, since not every database searches an index by `(a, b) > (1, 2)`.
pub(super) fn behind<D: Dialect>(table: &Table<D::Native>, after: &Place, statement: &mut Statement) {
    for last in 0..table.locator.len() {
        statement.push(if last > 0 { " OR (" } else { "(" });
        for (at, (column, value)) in table.locator.iter().zip(&after.0).take(last + 1).enumerate() {
            statement.push(if at > 0 { " AND " } else { "" }).push(&D::ordered(column));
            statement.push(if at == last { " > " } else { " = " });
            D::bind(column, value, statement);
        }
        statement.push(")");
    }
}
