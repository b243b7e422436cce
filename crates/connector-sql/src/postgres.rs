//! PostgreSQL.

mod catalog;
mod failures;
mod keys;
mod values;
mod writes;

use std::str::FromStr;

use habeas_connector_api::{Compare, StoreError};
use habeas_domain::{KeyValue, Value};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection as _, PgConnection, Pool, Postgres, Transaction,
    error::DatabaseError,
    postgres::{PgArguments, PgConnectOptions, PgPoolOptions},
    query::Query,
};

use crate::{
    SqlOptions,
    dialect::{Change, Connection, Dialect, Limits, Row, Rows, runs_statements},
    failure::Cause,
    statement::{Arg, Statement},
    table::{Column, Table},
};

/// The dialect of PostgreSQL. Lists travel as one array of text each and are cast to the column's own type, so
/// that an index serves, no list is too long, and one prepared statement does for all lengths.
#[derive(Debug)]
pub(crate) struct PostgresDialect;

/// How a column is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    Bool,
    Int2,
    Int4,
    Int8,
    Float4,
    Float8,
    Text,
    /// Padded with blanks that mean nothing.
    PaddedText,
    Bytes,
    /// Through the database's own text form.
    AsText,
}

/// What is known of a column beside its schema.
#[derive(Debug, Clone)]
pub(crate) struct Native {
    /// Its quoted type, of a domain the type below it.
    cast: String,
    read: Read,
    /// Keys are compared with it in its own type; otherwise with its text form.
    compares: bool,
}

/// An identifier in double quotes.
pub(crate) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn bind(query: Query<'_, Postgres, PgArguments>, args: Vec<Arg>) -> Query<'_, Postgres, PgArguments> {
    args.into_iter().fold(query, |query, arg| match arg {
        Arg::Null => query.bind(None::<String>),
        Arg::Int(number) => query.bind(number),
        Arg::Unsigned(number) => query.bind(number.to_string()),
        Arg::Float(number) => query.bind(number),
        Arg::Text(text) => query.bind(text),
        Arg::Bytes(bytes) => query.bind(bytes),
        Arg::Texts(texts) => query.bind(texts),
    })
}

impl Dialect for PostgresDialect {
    type Db = Postgres;
    type Native = Native;

    const DRIVER: &'static str = "postgres";
    const KEYS_PER_STATEMENT: usize = usize::MAX;
    const LOCK: &'static str = " FOR UPDATE OF t";

    runs_statements!(bind);

    fn pool(options: &SqlOptions) -> Result<Pool<Postgres>, StoreError> {
        let connect = PgConnectOptions::from_str(options.url.expose());
        let connect =
            connect.map_err(|_| crate::options::wrong("the URL of the PostgreSQL store is wrong"))?;
        // Rows that a policy hides would be neither deleted nor read back. A URL that sets it means to see its part alone.
        let all_or_none =
            if options.url.expose().contains("row_security") { "" } else { "SET row_security = off; " };
        let session = format!(
            "{all_or_none}SET statement_timeout = {}; SET lock_timeout = {}; SET idle_in_transaction_session_timeout = {}; \
             SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'iso_8601'; SET bytea_output = 'hex'; SET application_name = 'habeas'",
            options.statement_timeout.as_millis(),
            options.lock_timeout.as_millis(),
            options.idle_in_transaction.as_millis()
        );
        let pool = PgPoolOptions::new()
            .max_connections(options.max_connections)
            .acquire_timeout(options.connect_timeout)
            .after_connect(move |connection, _| {
                let session = sqlx::AssertSqlSafe(session.clone());
                Box::pin(async move { sqlx::raw_sql(session).execute(connection).await.map(drop) })
            });
        Ok(pool.connect_lazy_with(connect.disable_statement_logging()))
    }

    async fn tables(pool: &Pool<Postgres>) -> Result<Vec<Table<Native>>, sqlx::Error> {
        catalog::tables(pool).await
    }

    async fn begin<'c>(
        connection: &'c mut PgConnection,
        limits: &Limits,
    ) -> Result<Transaction<'c, Postgres>, sqlx::Error> {
        // Deferrable references are checked at the end, so that rows that refer to each other can go together.
        let begin = format!(
            "BEGIN; SET CONSTRAINTS ALL DEFERRED; SET LOCAL statement_timeout = {}",
            limits.write.as_millis()
        );
        connection.begin_with(AssertSqlSafe(begin)).await
    }

    async fn session(connection: &mut PgConnection) -> Result<Option<i64>, sqlx::Error> {
        let pid: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(connection).await?;
        Ok(Some(pid.into()))
    }

    async fn cancel(pool: &Pool<Postgres>, session: i64) -> Result<(), sqlx::Error> {
        let mut other = PgConnection::connect_with(&pool.connect_options()).await?;
        sqlx::query("SELECT pg_cancel_backend($1::int)").bind(session).execute(&mut other).await?;
        other.close().await
    }

    fn expression(column: &Column<Native>) -> String {
        values::expression(column)
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

    fn bind(column: &Column<Native>, value: &Value, statement: &mut Statement) {
        let text = values::text(value).map_or(Arg::Null, Arg::Text);
        statement.bind_numbered(text).push("::text::").push(&column.native.cast);
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
