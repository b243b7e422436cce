//! References between tables.

use std::collections::{BTreeMap, HashSet};

use habeas_domain::{
    CollectionName, FieldName, Value,
    schema::{CollectionSchema, Reference},
};

use super::{
    constraints::key,
    database::{Database, Row},
};
use crate::{StoreError, code};

/// Refuses rows that refer to nothing.
pub(super) fn check(database: &Database) -> Result<(), StoreError> {
    for table in database.tables() {
        for reference in &table.schema.references {
            let target = database.table(&reference.to)?;
            let there = |row: &Row| key(&target.schema, &reference.to_fields, row);
            let held: HashSet<Vec<String>> = target.rows.iter().filter_map(there).collect();
            let broken = |row: &Row| {
                key(&table.schema, &reference.fields, row).is_some_and(|wanted| !held.contains(&wanted))
            };
            if table.rows.iter().any(broken) {
                let detail = format!("rows of `{}` refer to rows of `{}`", table.schema.name, reference.to);
                return Err(StoreError::permanent(code::CONSTRAINT, detail));
            }
        }
    }
    Ok(())
}

/// Lets the rows that refer to deleted ones follow them, as far as their references say so. Gives the new rows
/// of every table that changed.
pub(super) fn follow(
    database: &Database,
    from: &CollectionName,
    kept: Vec<Row>,
    gone: &[Row],
) -> Result<BTreeMap<CollectionName, Vec<Row>>, StoreError> {
    let mut changed = BTreeMap::from([(from.clone(), kept)]);
    let mut waves = vec![(from.clone(), gone.to_vec())];
    while let Some((name, gone)) = waves.pop() {
        let parent = &database.table(&name)?.schema;
        for table in database.tables().filter(|_| !gone.is_empty()) {
            for reference in table.schema.references.iter().filter(|one| one.follows && one.to == name) {
                let lost: HashSet<Vec<String>> =
                    gone.iter().filter_map(|row| key(parent, &reference.to_fields, row)).collect();
                let child = &table.schema;
                let rows = changed.remove(&child.name).unwrap_or_else(|| (*table.rows).clone());
                let (rows, followed) = split(child, reference, rows, &lost);
                changed.insert(child.name.clone(), rows);
                waves.push((child.name.clone(), followed));
            }
        }
    }
    Ok(changed)
}

/// The rows that stay (those that lost a reference that may be NULL without it) and the rows that go.
fn split(
    schema: &CollectionSchema,
    reference: &Reference,
    rows: Vec<Row>,
    lost: &HashSet<Vec<String>>,
) -> (Vec<Row>, Vec<Row>) {
    let nullable = reference.fields.iter().all(|name| schema.field(name).is_some_and(|field| field.nullable));
    let (mut stay, mut go) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in rows {
        match key(schema, &reference.fields, &row) {
            Some(wanted) if lost.contains(&wanted) && nullable => {
                stay.push(without(schema, &reference.fields, &row));
            }
            Some(wanted) if lost.contains(&wanted) => go.push(row),
            _ => stay.push(row),
        }
    }
    (stay, go)
}

fn without(schema: &CollectionSchema, fields: &[FieldName], row: &Row) -> Row {
    let emptied = |(field, value): (&habeas_domain::schema::FieldSchema, &Value)| {
        if fields.contains(&field.name) { Value::Null } else { value.clone() }
    };
    schema.fields.iter().zip(row.iter()).map(emptied).collect()
}
