//! What `information_schema` says about the database of the URL.

use std::collections::{BTreeMap, HashSet};

use habeas_domain::{
    CollectionName, FieldName,
    schema::{CollectionSchema, FieldSchema, FieldType, Obstacle, Reference},
};
use sqlx::{MySqlPool, Row, mysql::MySqlRow};

use super::{Native, Read, quote};
use crate::{
    grouped::{grouped, names},
    table::{Column, Table},
};

const COLUMNS: &str = "
    SELECT CAST(c.table_name AS CHAR) AS name, CAST(c.column_name AS CHAR) AS field,
           CAST(LOWER(c.data_type) AS CHAR) AS type_name, CAST(LOWER(c.column_type) AS CHAR) AS full_type,
           CAST(c.is_nullable AS CHAR) = 'YES' AS nullable, CAST(c.character_maximum_length AS UNSIGNED) AS most,
           CAST(c.character_set_name AS CHAR) AS charset, CAST(c.collation_name AS CHAR) AS sorting,
           COALESCE(CAST(c.generation_expression AS CHAR), '') <> '' AS made,
           COALESCE(CAST(e.transactions AS CHAR), 'YES') <> 'YES' AS untransacted, t.table_type = 'SYSTEM VERSIONED' AS versioned
    FROM information_schema.columns c
    JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
    LEFT JOIN information_schema.engines e ON e.engine = t.engine
    WHERE c.table_schema = DATABASE() AND t.table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')
    ORDER BY c.table_name, c.ordinal_position";

const INDEXES: &str = "
    SELECT CAST(table_name AS CHAR) AS name, CAST(index_name AS CHAR) AS part_of, CAST(column_name AS CHAR) AS field,
           non_unique = 0 AS is_unique, sub_part IS NOT NULL AS in_part
    FROM information_schema.statistics WHERE table_schema = DATABASE()
    ORDER BY table_name, index_name, seq_in_index";

const REFERENCES: &str = "
    SELECT CAST(k.table_name AS CHAR) AS name, CAST(k.constraint_name AS CHAR) AS part_of,
           CAST(k.column_name AS CHAR) AS field, CAST(k.referenced_table_name AS CHAR) AS to_name,
           CAST(k.referenced_column_name AS CHAR) AS to_field,
           CAST(r.delete_rule AS CHAR) IN ('CASCADE', 'SET NULL', 'SET DEFAULT') AS follows
    FROM information_schema.key_column_usage k
    JOIN information_schema.referential_constraints r
      ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name
    WHERE k.table_schema = DATABASE() AND k.referenced_table_schema = DATABASE()
    ORDER BY k.table_name, k.constraint_name, k.ordinal_position";

/// MariaDB stores JSON as text with this check.
const JSON_CHECKS: &str = "
    SELECT CAST(table_name AS CHAR) AS name, CAST(check_clause AS CHAR) AS rule
    FROM information_schema.check_constraints WHERE constraint_schema = DATABASE() AND check_clause LIKE 'json_valid(%'";

pub(super) async fn tables(pool: &MySqlPool) -> Result<Vec<Table<Native>>, sqlx::Error> {
    let json = json_columns(pool).await?;
    let mut tables: BTreeMap<String, Table<Native>> = BTreeMap::new();
    for row in sqlx::query(COLUMNS).fetch_all(pool).await? {
        let name: String = row.try_get("name")?;
        let Ok(collection) = CollectionName::new(name.clone()) else { continue };
        let obstacles = obstacles(&row)?;
        let table = tables.entry(name.clone()).or_insert_with(|| empty(&name, collection, obstacles));
        table.columns.extend(column(&row, &json)?);
    }
    for ((name, index), parts) in grouped(sqlx::query(INDEXES).fetch_all(pool).await?)? {
        if let Some(table) = tables.get_mut(&name) {
            add_index(&mut table.schema, &index, &parts)?;
        }
    }
    for ((name, _), parts) in grouped(sqlx::query(REFERENCES).fetch_all(pool).await?)? {
        if let Some(table) = tables.get_mut(&name) {
            table.schema.references.extend(reference(&parts)?);
        }
    }
    Ok(tables.into_values().map(finished).collect())
}

async fn json_columns(pool: &MySqlPool) -> Result<HashSet<(String, String)>, sqlx::Error> {
    let version: String = sqlx::query_scalar("SELECT CAST(VERSION() AS CHAR)").fetch_one(pool).await?;
    let mut columns = HashSet::new();
    if version.contains("MariaDB") {
        for row in sqlx::query(JSON_CHECKS).fetch_all(pool).await? {
            let rule: String = row.try_get("rule")?;
            let field = rule.trim_start_matches("json_valid(").trim_end_matches(')').trim_matches('`');
            columns.insert((row.try_get("name")?, field.replace("``", "`")));
        }
    }
    Ok(columns)
}

fn empty(name: &str, collection: CollectionName, obstacles: Vec<Obstacle>) -> Table<Native> {
    let mut table = Table::new(quote(name), collection);
    table.schema.obstacles = obstacles;
    table
}

/// What the engine of a table does not know, and what its versioning keeps.
fn obstacles(row: &MySqlRow) -> Result<Vec<Obstacle>, sqlx::Error> {
    let all = [("untransacted", Obstacle::NoTransactions), ("versioned", Obstacle::KeepsHistory)];
    let mut stand = Vec::new();
    for (column, obstacle) in all {
        if row.try_get::<i64, _>(column)? == 1 {
            stand.push(obstacle);
        }
    }
    Ok(stand)
}

fn column(row: &MySqlRow, json: &HashSet<(String, String)>) -> Result<Option<Column<Native>>, sqlx::Error> {
    let field: String = row.try_get("field")?;
    let is_json = json.contains(&(row.try_get("name")?, field.clone()));
    let Ok(name) = FieldName::new(field) else { return Ok(None) };
    let full_type: String = row.try_get("full_type")?;
    let (kind, read) = if is_json {
        (FieldType::Json, Read::AsText)
    } else {
        understood(&row.try_get::<String, _>("type_name")?, &full_type)
    };
    let limited =
        matches!(kind, FieldType::Text | FieldType::Bytes).then(|| most(row)).transpose()?.flatten();
    let schema = FieldSchema {
        name,
        kind,
        nullable: row.try_get::<i64, _>("nullable")? == 1,
        max_chars: limited,
        generated: row.try_get::<i64, _>("made")? == 1,
    };
    let charset: Option<String> = row.try_get("charset")?;
    let sorting: Option<String> = row.try_get("sorting")?;
    let native = Native {
        read,
        charset: charset
            .filter(|set| !set.starts_with("utf8") && set.bytes().all(|b| b.is_ascii_alphanumeric())),
        caseless: sorting.is_some_and(|sorting| sorting.ends_with("_ci")),
    };
    Ok(Some(Column { field: schema, native }))
}

fn most(row: &MySqlRow) -> Result<Option<u32>, sqlx::Error> {
    let most: Option<u64> = row.try_get("most")?;
    Ok(most.and_then(|most| u32::try_from(most).ok()))
}

/// What a type of MySQL is to us, and how it is read.
fn understood(name: &str, full: &str) -> (FieldType, Read) {
    match name {
        "tinyint" if full.starts_with("tinyint(1)") => (FieldType::Bool, Read::Int),
        "bit" if full == "bit(1)" => (FieldType::Bool, Read::Bits),
        "bit" => (FieldType::Int, Read::Bits),
        "year" => (FieldType::Int, Read::Unsigned),
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" if full.contains("unsigned") => {
            (FieldType::Int, Read::Unsigned)
        }
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" => (FieldType::Int, Read::Int),
        "float" | "double" => (FieldType::Float, Read::Float),
        "decimal" => (FieldType::Decimal, Read::AsText),
        "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" => {
            (FieldType::Text, Read::AsText)
        }
        "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => {
            (FieldType::Bytes, Read::Bytes)
        }
        "date" => (FieldType::Date, Read::AsText),
        "time" => (FieldType::Time, Read::AsText),
        "datetime" => (FieldType::DateTime, Read::AsText),
        "timestamp" => (FieldType::Timestamp, Read::AsText),
        "uuid" => (FieldType::Uuid, Read::AsText),
        "json" => (FieldType::Json, Read::AsText),
        _ => (FieldType::Other, Read::AsText),
    }
}

fn add_index(schema: &mut CollectionSchema, index: &str, parts: &[MySqlRow]) -> Result<(), sqlx::Error> {
    let fields = names(parts, "field")?;
    let Some(first) = parts.first() else { return Ok(()) };
    let leading = fields.first().filter(|field| !schema.indexed.contains(field));
    if let (Some(leading), Some(_)) = (leading, first.try_get::<Option<String>, _>("field")?) {
        schema.indexed.push(leading.clone());
    }
    if index == "PRIMARY" {
        schema.identity = fields;
    } else if first.try_get::<i64, _>("is_unique")? == 1 && fields.len() == parts.len() {
        schema.unique.push(fields);
    }
    Ok(())
}

fn reference(parts: &[MySqlRow]) -> Result<Option<Reference>, sqlx::Error> {
    let Some(first) = parts.first() else { return Ok(None) };
    let Ok(to) = CollectionName::new(first.try_get::<String, _>("to_name")?) else { return Ok(None) };
    let follows = first.try_get::<i64, _>("follows")? == 1;
    Ok(Some(Reference { fields: names(parts, "field")?, to, to_fields: names(parts, "to_field")?, follows }))
}

/// Rows are found again by their identity: the primary key, or else a unique set that takes no NULL.
fn finished(mut table: Table<Native>) -> Table<Native> {
    table.schema.fields = table.columns.iter().map(|column| column.field.clone()).collect();
    if table.schema.identity.is_empty() {
        let required = |name: &FieldName| table.schema.field(name).is_some_and(|field| !field.nullable);
        if let Some(at) = table.schema.unique.iter().position(|fields| fields.iter().all(required)) {
            table.schema.identity = table.schema.unique.remove(at);
        }
    }
    let identity = table.columns.iter().filter(|column| table.schema.identity.contains(&column.field.name));
    table.locator = identity.cloned().collect();
    table
}
