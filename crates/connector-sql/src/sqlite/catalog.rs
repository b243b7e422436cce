//! What SQLite's pragmas say.

use std::collections::BTreeMap;

use habeas_domain::{
    CollectionName, FieldName,
    schema::{CollectionSchema, FieldSchema, FieldType, Reference},
};
use sqlx::{Row, SqlitePool, sqlite::SqliteRow};

use super::{Native, quote};
use crate::{
    grouped::{grouped, names},
    table::{Column, Table},
};

const COLUMNS: &str = "
    SELECT l.name AS name, l.wr AS keyed, x.name AS field, lower(x.type) AS type_name, x.\"notnull\" AS required,
           x.pk AS place, x.hidden AS hidden
    FROM pragma_table_list l JOIN pragma_table_xinfo(l.name) x
    WHERE l.schema = 'main' AND l.type = 'table' AND substr(l.name, 1, 7) <> 'sqlite_' ORDER BY l.name, x.cid";

const INDEXES: &str = "
    SELECT l.name AS name, i.name AS part_of, i.\"unique\" AS is_unique, i.partial AS partial, i.origin AS origin,
           c.name AS field
    FROM pragma_table_list l JOIN pragma_index_list(l.name) i JOIN pragma_index_info(i.name) c
    WHERE l.schema = 'main' AND l.type = 'table' ORDER BY l.name, i.name, c.seqno";

const REFERENCES: &str = "
    SELECT l.name AS name, CAST(f.id AS TEXT) AS part_of, f.\"table\" AS to_name, f.\"from\" AS field, f.\"to\" AS to_field,
           f.on_delete IN ('CASCADE', 'SET NULL', 'SET DEFAULT') AS follows
    FROM pragma_table_list l JOIN pragma_foreign_key_list(l.name) f
    WHERE l.schema = 'main' AND l.type = 'table' ORDER BY l.name, f.id, f.seq";

/// A table while it is read: what its schema does not say is whether it has row numbers.
struct Found {
    table: Table<Native>,
    keyed: bool,
    /// The primary key's fields by their place in it.
    identity: BTreeMap<i64, FieldName>,
}

pub(super) async fn tables(pool: &SqlitePool) -> Result<Vec<Table<Native>>, sqlx::Error> {
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    for row in sqlx::query(COLUMNS).fetch_all(pool).await? {
        let name: String = row.try_get("name")?;
        let Ok(collection) = CollectionName::new(name.clone()) else { continue };
        let keyed = row.try_get("keyed")?;
        let table = found.entry(name.clone()).or_insert_with(|| empty(&name, collection, keyed));
        add_column(table, &row)?;
    }
    for table in found.values_mut() {
        finish(table);
    }
    for ((name, _), parts) in grouped(sqlx::query(INDEXES).fetch_all(pool).await?)? {
        if let Some(found) = found.get_mut(&name) {
            add_index(&mut found.table.schema, &parts)?;
        }
    }
    let identities: BTreeMap<CollectionName, Vec<FieldName>> = found
        .values()
        .map(|found| (found.table.schema.name.clone(), found.table.schema.identity.clone()))
        .collect();
    for ((name, _), parts) in grouped(sqlx::query(REFERENCES).fetch_all(pool).await?)? {
        if let Some(found) = found.get_mut(&name) {
            found.table.schema.references.extend(reference(&parts, &identities)?);
        }
    }
    Ok(found.into_values().map(|found| found.table).collect())
}

fn empty(name: &str, collection: CollectionName, keyed: bool) -> Found {
    let table = Table::new(quote(name), collection);
    Found { table, keyed, identity: BTreeMap::new() }
}

fn add_column(found: &mut Found, row: &SqliteRow) -> Result<(), sqlx::Error> {
    let Ok(name) = FieldName::new(row.try_get::<String, _>("field")?) else { return Ok(()) };
    let (place, hidden): (i64, i64) = (row.try_get("place")?, row.try_get("hidden")?);
    if hidden == 1 {
        return Ok(());
    }
    let declared: String = row.try_get("type_name")?;
    let required: bool = row.try_get("required")?;
    // An INTEGER PRIMARY KEY is the row number, which is never NULL, as are the keys of tables without row numbers.
    let never_null = place > 0 && (found.keyed || declared == "integer");
    let field = FieldSchema {
        name: name.clone(),
        kind: understood(&declared),
        nullable: !required && !never_null,
        // SQLite reads a declared length and does not keep to it.
        max_chars: None,
        generated: hidden > 1,
    };
    if place > 0 {
        found.identity.insert(place, name);
    }
    found.table.columns.push(Column { field, native: Native { raw: false } });
    Ok(())
}

/// What a declared type is to us: the names that people use, then SQLite's own rules of affinity.
fn understood(declared: &str) -> FieldType {
    let has = |part: &str| declared.contains(part);
    match declared {
        _ if has("bool") => FieldType::Bool,
        _ if has("uuid") || has("guid") => FieldType::Uuid,
        _ if has("json") => FieldType::Json,
        _ if has("timestamp") || has("datetime") => FieldType::DateTime,
        _ if has("date") => FieldType::Date,
        "time" => FieldType::Time,
        _ if has("int") => FieldType::Int,
        _ if has("char") || has("clob") || has("text") => FieldType::Text,
        _ if has("blob") => FieldType::Bytes,
        _ if has("real") || has("floa") || has("doub") => FieldType::Float,
        _ if has("dec") || has("num") || has("money") => FieldType::Decimal,
        _ => FieldType::Text,
    }
}

/// Rows are found again by their row number, or by the primary key where there is none.
fn finish(found: &mut Found) {
    let table = &mut found.table;
    table.schema.fields = table.columns.iter().map(|column| column.field.clone()).collect();
    table.schema.identity = found.identity.values().cloned().collect();
    let raw = |field: FieldSchema| Column { field, native: Native { raw: true } };
    if found.keyed {
        let identity =
            table.columns.iter().filter(|column| table.schema.identity.contains(&column.field.name));
        table.locator = identity.map(|column| raw(column.field.clone())).collect();
    } else {
        // A column may bear one of the three names of the row number.
        let taken =
            |name: &str| table.columns.iter().any(|c| c.field.name.as_str().eq_ignore_ascii_case(name));
        let free = ["rowid", "_rowid_", "oid"].into_iter().find(|name| !taken(name));
        let field = |name| FieldSchema {
            name,
            kind: FieldType::Int,
            nullable: false,
            max_chars: None,
            generated: true,
        };
        table.locator =
            free.and_then(|name| FieldName::new(name).ok()).map(field).map(raw).into_iter().collect();
    }
    let numbered = (table.schema.identity.len() == 1).then(|| table.schema.identity[0].clone());
    table.schema.indexed.extend(numbered);
}

fn add_index(schema: &mut CollectionSchema, parts: &[SqliteRow]) -> Result<(), sqlx::Error> {
    let fields = names(parts, "field")?;
    let Some(first) = parts.first() else { return Ok(()) };
    let plain = fields.len() == parts.len();
    let whole = !first.try_get::<bool, _>("partial")?;
    if let Some(leading) = fields.first().filter(|field| whole && plain && !schema.indexed.contains(field)) {
        schema.indexed.push(leading.clone());
    }
    let unique = first.try_get::<bool, _>("is_unique")? && first.try_get::<&str, _>("origin")? != "pk";
    if unique && plain && !schema.unique.contains(&fields) {
        schema.unique.push(fields);
    }
    Ok(())
}

fn reference(
    parts: &[SqliteRow],
    identities: &BTreeMap<CollectionName, Vec<FieldName>>,
) -> Result<Option<Reference>, sqlx::Error> {
    let Some(first) = parts.first() else { return Ok(None) };
    let Ok(to) = CollectionName::new(first.try_get::<String, _>("to_name")?) else { return Ok(None) };
    let mut to_fields = names(parts, "to_field")?;
    if to_fields.is_empty() {
        // `REFERENCES t` means its primary key.
        to_fields = identities.get(&to).cloned().unwrap_or_default();
    }
    Ok(Some(Reference { fields: names(parts, "field")?, to, to_fields, follows: first.try_get("follows")? }))
}
