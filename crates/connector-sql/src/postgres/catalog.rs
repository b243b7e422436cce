//! What PostgreSQL's catalog says.

use std::collections::BTreeMap;

use habeas_domain::{
    CollectionName, FieldName,
    schema::{CollectionSchema, FieldSchema, FieldType, Obstacle, Reference},
};
use sqlx::{PgPool, Row, postgres::PgRow};

use super::{Native, Read, quote};
use crate::table::{Column, Table};

/// The schema and name of a table.
type Place = (String, String);

const COLUMNS: &str = "
    SELECT n.nspname::text AS schema, c.relname::text AS name, n.nspname = current_schema() AS here,
           c.relkind::text AS relkind, a.attname::text AS field,
           bn.nspname::text AS type_schema, b.typname::text AS type_name,
           a.attnotnull OR t.typnotnull AS required,
           a.attgenerated <> '' OR a.attidentity = 'a' AS generated,
           CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END AS modifier,
           row_security_active(c.oid) AND current_setting('row_security') = 'off' AS hides
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    JOIN pg_catalog.pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
    JOIN pg_catalog.pg_namespace bn ON bn.oid = b.typnamespace
    WHERE c.relkind IN ('r', 'p', 'f') AND NOT c.relispartition AND c.relpersistence <> 't'
      AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%'
    ORDER BY n.nspname, c.relname, a.attnum";

const INDEXES: &str = "
    SELECT n.nspname::text AS schema, c.relname::text AS name, i.indisprimary AS identity, i.indisunique AS is_unique,
           i.indpred IS NOT NULL AS partial,
           ARRAY(SELECT COALESCE(a.attname::text, '') FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(number, place)
                 LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number AND k.number > 0
                 WHERE k.place <= i.indnkeyatts ORDER BY k.place) AS fields
    FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE i.indisvalid AND n.nspname <> 'pg_catalog' AND n.nspname NOT LIKE 'pg\\_toast%'
    ORDER BY i.indexrelid";

const REFERENCES: &str = "
    SELECT n.nspname::text AS schema, c.relname::text AS name, fn.nspname::text AS to_schema, fc.relname::text AS to_name,
           fn.nspname = current_schema() AS to_here, r.confdeltype IN ('c', 'n', 'd') AS follows,
           ARRAY(SELECT a.attname::text FROM unnest(r.conkey) WITH ORDINALITY k(number, place)
                 JOIN pg_catalog.pg_attribute a ON a.attrelid = r.conrelid AND a.attnum = k.number ORDER BY k.place) AS fields,
           ARRAY(SELECT a.attname::text FROM unnest(r.confkey) WITH ORDINALITY k(number, place)
                 JOIN pg_catalog.pg_attribute a ON a.attrelid = r.confrelid AND a.attnum = k.number ORDER BY k.place) AS to_fields
    FROM pg_catalog.pg_constraint r
    JOIN pg_catalog.pg_class c ON c.oid = r.conrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_class fc ON fc.oid = r.confrelid
    JOIN pg_catalog.pg_namespace fn ON fn.oid = fc.relnamespace
    WHERE r.contype = 'f' AND r.conparentid = 0
    ORDER BY r.oid";

pub(super) async fn tables(pool: &PgPool) -> Result<Vec<Table<Native>>, sqlx::Error> {
    let mut tables: BTreeMap<Place, Table<Native>> = BTreeMap::new();
    let mut partitioned = Vec::new();
    for row in sqlx::query(COLUMNS).fetch_all(pool).await? {
        let place = place(&row)?;
        if row.try_get::<&str, _>("relkind")? != "r" {
            partitioned.push(place.clone());
        }
        let Some(name) = collection(&place, row.try_get("here")?) else { continue };
        let hides = row.try_get("hides")?;
        let table = tables.entry(place.clone()).or_insert_with(|| empty(&place, name, hides));
        table.columns.extend(column(&row)?);
    }
    for row in sqlx::query(INDEXES).fetch_all(pool).await? {
        if let Some(table) = tables.get_mut(&place(&row)?) {
            add_index(&mut table.schema, &row)?;
        }
    }
    for row in sqlx::query(REFERENCES).fetch_all(pool).await? {
        if let (Some(table), Some(reference)) = (tables.get_mut(&place(&row)?), reference(&row)?) {
            table.schema.references.push(reference);
        }
    }
    let finish = |(place, table)| finished(table, partitioned.contains(&place));
    Ok(tables.into_iter().map(finish).collect())
}

fn place(row: &PgRow) -> Result<Place, sqlx::Error> {
    Ok((row.try_get("schema")?, row.try_get("name")?))
}

/// Tables of the current schema go by their name alone, others as `schema.table`.
fn collection((schema, name): &Place, here: Option<bool>) -> Option<CollectionName> {
    let full = if here == Some(true) { name.clone() } else { format!("{schema}.{name}") };
    CollectionName::new(full).ok()
}

fn empty((schema, name): &Place, collection: CollectionName, hides: bool) -> Table<Native> {
    let mut table = Table::new(format!("{}.{}", quote(schema), quote(name)), collection);
    table.schema.obstacles.extend(hides.then_some(Obstacle::HidesRows));
    table
}

fn column(row: &PgRow) -> Result<Option<Column<Native>>, sqlx::Error> {
    let Ok(name) = FieldName::new(row.try_get::<String, _>("field")?) else { return Ok(None) };
    let (type_schema, type_name): (String, String) = (row.try_get("type_schema")?, row.try_get("type_name")?);
    let known = if type_schema == "pg_catalog" || type_name == "citext" { type_name.as_str() } else { "" };
    let (kind, read, compares) = understood(known);
    let modifier: i32 = row.try_get("modifier")?;
    let limited = matches!(known, "varchar" | "bpchar").then(|| u32::try_from(modifier - 4).ok()).flatten();
    let field = FieldSchema {
        name,
        kind,
        nullable: !row.try_get::<bool, _>("required")?,
        max_chars: limited,
        generated: row.try_get("generated")?,
    };
    let cast = format!("{}.{}", quote(&type_schema), quote(&type_name));
    Ok(Some(Column { field, native: Native { cast, read, compares } }))
}

/// What a type of PostgreSQL is to us, how it is read, and whether keys are compared in it.
fn understood(type_name: &str) -> (FieldType, Read, bool) {
    match type_name {
        "bool" => (FieldType::Bool, Read::Bool, true),
        "int2" => (FieldType::Int, Read::Int2, true),
        "int4" => (FieldType::Int, Read::Int4, true),
        "int8" => (FieldType::Int, Read::Int8, true),
        "float4" => (FieldType::Float, Read::Float4, true),
        "float8" => (FieldType::Float, Read::Float8, true),
        "numeric" => (FieldType::Decimal, Read::AsText, true),
        "text" | "varchar" | "name" => (FieldType::Text, Read::Text, true),
        "citext" => (FieldType::Text, Read::AsText, true),
        "bpchar" => (FieldType::Text, Read::PaddedText, true),
        "bytea" => (FieldType::Bytes, Read::Bytes, true),
        "date" => (FieldType::Date, Read::AsText, true),
        "time" => (FieldType::Time, Read::AsText, true),
        "timestamp" => (FieldType::DateTime, Read::AsText, true),
        "timestamptz" => (FieldType::Timestamp, Read::AsText, true),
        "uuid" => (FieldType::Uuid, Read::AsText, true),
        "json" | "jsonb" => (FieldType::Json, Read::AsText, false),
        _ => (FieldType::Other, Read::AsText, false),
    }
}

fn names(row: &PgRow, column: &str) -> Result<Vec<FieldName>, sqlx::Error> {
    let names: Vec<String> = row.try_get(column)?;
    Ok(names.into_iter().filter_map(|name| FieldName::new(name).ok()).collect())
}

fn add_index(schema: &mut CollectionSchema, row: &PgRow) -> Result<(), sqlx::Error> {
    let raw: Vec<String> = row.try_get("fields")?;
    let fields = names(row, "fields")?;
    let plain = fields.len() == raw.len();
    let first = raw.first().and_then(|name| FieldName::new(name.clone()).ok());
    if let Some(first) = first.filter(|first| !schema.indexed.contains(first))
        && !row.try_get::<bool, _>("partial")?
    {
        schema.indexed.push(first);
    }
    if row.try_get("identity")? {
        schema.identity = fields;
    } else if plain && row.try_get("is_unique")? && !schema.unique.contains(&fields) {
        schema.unique.push(fields);
    }
    Ok(())
}

fn reference(row: &PgRow) -> Result<Option<Reference>, sqlx::Error> {
    let to: Place = (row.try_get("to_schema")?, row.try_get("to_name")?);
    let Some(to) = collection(&to, row.try_get("to_here")?) else { return Ok(None) };
    let (fields, to_fields) = (names(row, "fields")?, names(row, "to_fields")?);
    Ok(Some(Reference { fields, to, to_fields, follows: row.try_get("follows")? }))
}

/// Rows are found again by their identity; a plain table without one has `ctid`, the place of the row, which holds
/// as long as the row is locked.
fn finished(mut table: Table<Native>, partitioned: bool) -> Table<Native> {
    table.schema.fields = table.columns.iter().map(|column| column.field.clone()).collect();
    let as_text = |column: &Column<Native>| {
        let native = Native { read: Read::AsText, ..column.native.clone() };
        let field = FieldSchema { kind: FieldType::Text, ..column.field.clone() };
        Column { field, native }
    };
    let identity = table.columns.iter().filter(|column| table.schema.identity.contains(&column.field.name));
    table.locator = identity.map(as_text).collect();
    if table.locator.is_empty() && !partitioned {
        table.locator.extend(row_place());
    }
    table
}

fn row_place() -> Option<Column<Native>> {
    let name = FieldName::new("ctid").ok()?;
    let field =
        FieldSchema { name, kind: FieldType::Text, nullable: false, max_chars: None, generated: true };
    let native = Native { cast: "\"pg_catalog\".\"tid\"".to_owned(), read: Read::AsText, compares: false };
    Some(Column { field, native })
}
