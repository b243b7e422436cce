//! What differs between databases.

use std::{fmt::Debug, future::Future, time::Duration};

use futures::stream::BoxStream;
use habeas_connector_api::{Compare, StoreError};
use habeas_domain::{KeyValue, Value};
use sqlx::{Database, Pool, Transaction, error::DatabaseError};

use crate::{
    SqlOptions,
    failure::Cause,
    statement::Statement,
    table::{Column, Table},
};

/// A connection of a dialect's database.
pub(crate) type Connection<D> = <<D as Dialect>::Db as Database>::Connection;
/// A row of a dialect's database.
pub(crate) type Row<D> = <<D as Dialect>::Db as Database>::Row;
/// Rows as they arrive.
pub(crate) type Rows<'a, D> = BoxStream<'a, Result<Row<D>, sqlx::Error>>;
/// A change of one row: what finds it, and the new values.
pub(crate) type Change<'a> = (&'a [Value], Vec<&'a Value>);

/// How long the database works on one statement, and how much of its answer is held.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// When it reads.
    pub(crate) read: Duration,
    /// When it changes something.
    pub(crate) write: Duration,
    /// How many rows of a change are in memory at once.
    pub(crate) rows_at_once: u32,
}

impl Limits {
    pub(crate) fn of(options: &SqlOptions) -> Self {
        let read = options.statement_timeout;
        let rows_at_once = options.rows_at_once.max(1);
        Self { read, write: options.write_timeout.min(read), rows_at_once }
    }
}

/// How one kind of database names, reads, compares and writes.
pub(crate) trait Dialect: Send + Sync + 'static {
    /// The driver.
    type Db: Database;
    /// What the dialect must know about a column beside its schema.
    type Native: Debug + Clone + Send + Sync + 'static;

    /// The word for it in manifests.
    const DRIVER: &'static str;
    /// How many key values go into one statement.
    const KEYS_PER_STATEMENT: usize;
    /// What makes a selection lock its rows.
    const LOCK: &'static str;

    /// Connections that set their own limits.
    fn pool(options: &SqlOptions) -> Result<Pool<Self::Db>, StoreError>;

    /// All tables that can be seen.
    fn tables(
        pool: &Pool<Self::Db>,
    ) -> impl Future<Output = Result<Vec<Table<Self::Native>>, sqlx::Error>> + Send;

    /// A transaction in which changes are made, and each statement of which ends within the limit for writes as far as the
    /// database knows one.
    fn begin<'c>(
        connection: &'c mut Connection<Self>,
        limits: &Limits,
    ) -> impl Future<Output = Result<Transaction<'c, Self::Db>, sqlx::Error>> + Send
    where
        Self: Sized;

    /// After such a transaction, whether it was committed or rolled back.
    fn after(_: &mut Connection<Self>, _: &Limits) -> impl Future<Output = Result<(), sqlx::Error>> + Send
    where
        Self: Sized,
    {
        std::future::ready(Ok(()))
    }

    /// What the server calls this connection; nothing where there is no server.
    fn session(
        connection: &mut Connection<Self>,
    ) -> impl Future<Output = Result<Option<i64>, sqlx::Error>> + Send
    where
        Self: Sized;

    /// Cancels what the server is doing for a connection, over another one.
    fn cancel(pool: &Pool<Self::Db>, session: i64) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// How a column of the table `t` is read.
    fn expression(column: &Column<Self::Native>) -> String;

    /// The value of a column that was read by its expression.
    fn decode(row: &Row<Self>, at: usize, column: &Column<Self::Native>) -> Result<Value, sqlx::Error>
    where
        Self: Sized;

    /// Adds the condition that the column holds one of the keys; false if it can hold none of them.
    fn condition(
        column: &Column<Self::Native>,
        compare: Compare,
        keys: &[&KeyValue],
        statement: &mut Statement,
    ) -> bool;

    /// A column of the table `t` in the order of its own values, as rows are put in order by it.
    fn ordered(column: &Column<Self::Native>) -> String;

    /// Binds a value that was read from this column, to compare it with [`Dialect::ordered`].
    fn bind(column: &Column<Self::Native>, value: &Value, statement: &mut Statement);

    /// Deletes the rows at these locators.
    fn delete(table: &Table<Self::Native>, rows: &[&[Value]]) -> Vec<Statement>;

    /// Sets these columns in these rows.
    fn update(
        table: &Table<Self::Native>,
        columns: &[&Column<Self::Native>],
        rows: &[Change<'_>],
    ) -> Vec<Statement>;

    /// Runs a query on any connection.
    fn stream(pool: &Pool<Self::Db>, statement: Statement) -> Rows<'_, Self>
    where
        Self: Sized;

    /// Runs a query on this connection.
    fn rows(connection: &mut Connection<Self>, statement: Statement) -> Rows<'_, Self>
    where
        Self: Sized;

    /// Runs a statement and tells how many rows it touched.
    fn execute(
        connection: &mut Connection<Self>,
        statement: Statement,
    ) -> impl Future<Output = Result<u64, sqlx::Error>> + Send
    where
        Self: Sized;

    /// What an error of the database means.
    fn cause(error: &dyn DatabaseError) -> Cause;
}

/// Writes the three methods that run statements, which are the same for every driver but not generic in sqlx.
macro_rules! runs_statements {
    ($bind:path) => {
        fn stream(pool: &sqlx::Pool<Self::Db>, statement: Statement) -> Rows<'_, Self> {
            $bind(sqlx::query(sqlx::AssertSqlSafe(statement.sql)), statement.args).fetch(pool)
        }

        fn rows(connection: &mut Connection<Self>, statement: Statement) -> Rows<'_, Self> {
            $bind(sqlx::query(sqlx::AssertSqlSafe(statement.sql)), statement.args).fetch(connection)
        }

        async fn execute(
            connection: &mut Connection<Self>,
            statement: Statement,
        ) -> Result<u64, sqlx::Error> {
            let query = $bind(sqlx::query(sqlx::AssertSqlSafe(statement.sql)), statement.args);
            Ok(query.execute(connection).await?.rows_affected())
        }
    };
}
pub(crate) use runs_statements;
