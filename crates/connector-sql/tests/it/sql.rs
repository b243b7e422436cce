//! A fixture as SQL text: written here once more and by other means than in the connector, so that one checks the other.

use habeas_connector_conformance::Table;
use habeas_domain::{
    FieldName, Value,
    schema::{CollectionSchema, FieldSchema, FieldType},
};

use crate::ground::Kind;

pub(crate) fn quote(kind: Kind, name: &str) -> String {
    match kind {
        Kind::MariaDb => format!("`{}`", name.replace('`', "``")),
        Kind::Postgres | Kind::Sqlite => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

fn list<'n>(kind: Kind, names: impl IntoIterator<Item = &'n FieldName>) -> String {
    names.into_iter().map(|name| quote(kind, name.as_str())).collect::<Vec<_>>().join(", ")
}

/// `CREATE TABLE` with everything that the schema says, and its indexes.
pub(crate) fn create(kind: Kind, schema: &CollectionSchema) -> String {
    let table = quote(kind, schema.name.as_str());
    let mut parts: Vec<String> = schema.fields.iter().map(|field| column(kind, schema, field)).collect();
    if !schema.identity.is_empty() {
        parts.push(format!("PRIMARY KEY ({})", list(kind, &schema.identity)));
    }
    parts.extend(schema.unique.iter().map(|fields| format!("UNIQUE ({})", list(kind, fields))));
    for reference in &schema.references {
        let (fields, to_fields) = (list(kind, &reference.fields), list(kind, &reference.to_fields));
        let to = quote(kind, reference.to.as_str());
        let then = if reference.follows { " ON DELETE CASCADE" } else { "" };
        parts.push(format!("FOREIGN KEY ({fields}) REFERENCES {to} ({to_fields}){then}"));
    }
    let index = |(number, field): (usize, &FieldName)| {
        let index = quote(kind, &format!("{}_{number}", schema.name.as_str()));
        format!("CREATE INDEX {index} ON {table} ({});", quote(kind, field.as_str()))
    };
    let indexes: String = schema.indexed.iter().enumerate().map(index).collect();
    format!("CREATE TABLE {table} ({});{indexes}", parts.join(", "))
}

fn column(kind: Kind, schema: &CollectionSchema, field: &FieldSchema) -> String {
    let null = if field.nullable { " NULL" } else { " NOT NULL" };
    // SQLite's INTEGER PRIMARY KEY must be spelled so.
    let only = schema.identity.len() == 1 && schema.identity[0] == field.name;
    let declared = match (kind, only && field.kind == FieldType::Int) {
        (Kind::Sqlite, true) => "INTEGER".to_owned(),
        _ => declared(kind, field),
    };
    // Said also where it may be NULL, because MariaDB's TIMESTAMP may not unless told so.
    format!("{} {declared}{null}", quote(kind, field.name.as_str()))
}

fn declared(kind: Kind, field: &FieldSchema) -> String {
    let (postgres, mariadb, sqlite) = match field.kind {
        FieldType::Bool => ("boolean", "boolean", "BOOLEAN"),
        FieldType::Int => ("bigint", "bigint", "BIGINT"),
        FieldType::Float => ("double precision", "double", "DOUBLE"),
        FieldType::Decimal => ("numeric(20, 2)", "decimal(20, 2)", "DECIMAL(20, 2)"),
        FieldType::Text if field.max_chars.is_none() => ("text", "longtext", "TEXT"),
        FieldType::Text | FieldType::Other => ("varchar", "varchar", "VARCHAR"),
        FieldType::Bytes => ("bytea", "longblob", "BLOB"),
        FieldType::Date => ("date", "date", "DATE"),
        FieldType::Time => ("time", "time", "TIME"),
        FieldType::DateTime => ("timestamp", "datetime", "DATETIME"),
        FieldType::Timestamp => ("timestamptz", "timestamp", "TIMESTAMP"),
        FieldType::Uuid => ("uuid", "uuid", "UUID"),
        FieldType::Json => ("jsonb", "json", "JSON"),
    };
    let name = match kind {
        Kind::Postgres => postgres,
        Kind::MariaDb => mariadb,
        Kind::Sqlite => sqlite,
    };
    field.max_chars.map_or_else(|| name.to_owned(), |max| format!("{name}({max})"))
}

/// `INSERT` statements, a thousand rows each.
pub(crate) fn inserts(kind: Kind, table: &Table) -> impl Iterator<Item = String> {
    let into = format!(
        "INSERT INTO {} ({}) VALUES ",
        quote(kind, table.schema.name.as_str()),
        list(kind, table.schema.fields.iter().map(|field| &field.name))
    );
    let mut rows = table.each_row().map(move |row| {
        let values: Vec<String> = row.iter().map(|value| literal(kind, value)).collect();
        format!("({})", values.join(", "))
    });
    std::iter::from_fn(move || {
        let some: Vec<String> = rows.by_ref().take(1_000).collect();
        (!some.is_empty()).then(|| format!("{into}{};", some.join(", ")))
    })
}

fn literal(kind: Kind, value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Bool(truth) => if *truth { "true" } else { "false" }.to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => format!("{number:e}"),
        Value::Decimal(digits) => digits.clone(),
        Value::Bytes(bytes) if kind == Kind::Postgres => format!("'\\x{}'::bytea", hex::encode(bytes)),
        Value::Bytes(bytes) => format!("x'{}'", hex::encode(bytes)),
        Value::DateTime(time) => format!("'{}'", time.format("%Y-%m-%d %H:%M:%S")),
        Value::Timestamp(time) if kind == Kind::Postgres => format!("'{}'", time.to_rfc3339()),
        Value::Timestamp(time) => format!("'{}'", time.format("%Y-%m-%d %H:%M:%S")),
        other => text(kind, &other.to_text()),
    }
}

fn text(kind: Kind, text: &str) -> String {
    let quoted = text.replace('\'', "''");
    let quoted = if kind == Kind::MariaDb { quoted.replace('\\', "\\\\") } else { quoted };
    format!("'{quoted}'")
}
