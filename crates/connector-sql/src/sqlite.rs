//! SQLite.

mod catalog;
mod failures;
mod keys;
mod values;
mod writes;

use std::str::FromStr;

use habeas_connector_api::{Compare, StoreError};
use habeas_domain::{KeyValue, Value};
use sqlx::{
    ConnectOptions, Connection as _, Pool, Sqlite, SqliteConnection, Transaction,
    error::DatabaseError,
    query::Query,
    sqlite::{SqliteArguments, SqliteConnectOptions, SqlitePoolOptions},
};

use crate::{
    SqlOptions,
    dialect::{Change, Connection, Dialect, Limits, Row, Rows, runs_statements},
    failure::Cause,
    statement::{Arg, Statement},
    table::{Column, Table},
};

/// The dialect of SQLite. Keys travel as one JSON array; what a value is, the row says, not the column.
#[derive(Debug)]
pub(crate) struct SqliteDialect;

/// What is known of a column beside its schema.
#[derive(Debug, Clone)]
pub(crate) struct Native {
    /// Its values are given exactly as they are stored, so that they find their row again.
    raw: bool,
}

/// An identifier in double quotes.
pub(crate) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn bind(query: Query<'_, Sqlite, SqliteArguments>, args: Vec<Arg>) -> Query<'_, Sqlite, SqliteArguments> {
    args.into_iter().fold(query, |query, arg| match arg {
        Arg::Null => query.bind(None::<String>),
        Arg::Int(number) => query.bind(number),
        Arg::Unsigned(number) => query.bind(number.to_string()),
        Arg::Float(number) => query.bind(number),
        Arg::Text(text) => query.bind(text),
        Arg::Bytes(bytes) => query.bind(bytes),
        Arg::Texts(texts) => query.bind(crate::statement::json(texts)),
    })
}

impl Dialect for SqliteDialect {
    type Db = Sqlite;
    type Native = Native;

    const DRIVER: &'static str = "sqlite";
    const KEYS_PER_STATEMENT: usize = 16_384;
    /// The whole file is locked by the transaction.
    const LOCK: &'static str = "";

    runs_statements!(bind);

    /// `statement_timeout` has no counterpart in SQLite; the layers' limits apply.
    fn pool(options: &SqlOptions) -> Result<Pool<Sqlite>, StoreError> {
        let connect = SqliteConnectOptions::from_str(options.url.expose());
        let connect = connect.map_err(|_| crate::options::wrong("the URL of the SQLite store is wrong"))?;
        let connect = connect
            .foreign_keys(true)
            .busy_timeout(options.lock_timeout)
            .collation(keys::CASELESS, keys::compare_caseless)
            .disable_statement_logging();
        let pool = SqlitePoolOptions::new()
            .max_connections(options.max_connections)
            .acquire_timeout(options.connect_timeout);
        Ok(pool.connect_lazy_with(connect))
    }

    async fn tables(pool: &Pool<Sqlite>) -> Result<Vec<Table<Native>>, sqlx::Error> {
        catalog::tables(pool).await
    }

    async fn begin<'c>(
        connection: &'c mut SqliteConnection,
        _: &Limits,
    ) -> Result<Transaction<'c, Sqlite>, sqlx::Error> {
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        // References are checked at the end, so that rows that refer to each other can go together.
        sqlx::query("PRAGMA defer_foreign_keys = ON").execute(&mut *transaction).await?;
        Ok(transaction)
    }

    async fn session(_: &mut SqliteConnection) -> Result<Option<i64>, sqlx::Error> {
        Ok(None)
    }

    async fn cancel(_: &Pool<Sqlite>, _: i64) -> Result<(), sqlx::Error> {
        Ok(())
    }

    fn expression(column: &Column<Native>) -> String {
        format!("t.{}", quote(column.field.name.as_str()))
    }

    fn decode(row: &Row<Self>, at: usize, column: &Column<Native>) -> Result<Value, sqlx::Error> {
        values::decode(row, at, column)
    }

    fn condition(
        column: &Column<Native>,
        compare: Compare,
        keys: &[&KeyValue],
        statement: &mut Statement,
    ) -> bool {
        keys::condition(column, compare, keys, statement)
    }

    fn ordered(column: &Column<Native>) -> String {
        format!("t.{}", quote(column.field.name.as_str()))
    }

    fn bind(_: &Column<Native>, value: &Value, statement: &mut Statement) {
        statement.bind(Arg::of(value));
    }

    fn delete(table: &Table<Native>, rows: &[&[Value]]) -> Vec<Statement> {
        writes::delete(table, rows)
    }

    fn update(table: &Table<Native>, columns: &[&Column<Native>], rows: &[Change<'_>]) -> Vec<Statement> {
        writes::update(table, columns, rows)
    }

    fn cause(error: &dyn DatabaseError) -> Cause {
        failures::cause(error)
    }
}
