//! MySQL and MariaDB.

mod catalog;
mod failures;
mod keys;
mod values;
mod writes;

use std::{str::FromStr, time::Duration};

use habeas_connector_api::{Compare, StoreError};
use habeas_domain::{KeyValue, Value, schema::FieldType};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection as _, MySql, MySqlConnection, Pool, Transaction,
    error::DatabaseError,
    mysql::{MySqlArguments, MySqlConnectOptions, MySqlPoolOptions},
    query::Query,
};

use crate::{
    SqlOptions,
    dialect::{Change, Connection, Dialect, Limits, Row, Rows, runs_statements},
    failure::Cause,
    statement::{Arg, Statement},
    table::{Column, Table},
};

/// The dialect of MySQL and MariaDB. Lists travel as `IN` lists of a few fixed lengths.
#[derive(Debug)]
pub(crate) struct MySqlDialect;

/// How a column is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    Int,
    Unsigned,
    /// `BIT`, as a number.
    Bits,
    Float,
    Bytes,
    /// As text of the connection's character set.
    AsText,
}

/// What is known of a column beside its schema.
#[derive(Debug, Clone)]
pub(crate) struct Native {
    read: Read,
    /// Of text: its character set, if that cannot hold everything.
    charset: Option<String>,
    /// Of text: its collation ignores case.
    caseless: bool,
}

/// An identifier in backquotes.
pub(crate) fn quote(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

fn bind(query: Query<'_, MySql, MySqlArguments>, args: Vec<Arg>) -> Query<'_, MySql, MySqlArguments> {
    args.into_iter().fold(query, |query, arg| match arg {
        Arg::Null => query.bind(None::<String>),
        Arg::Int(number) => query.bind(number),
        Arg::Unsigned(number) => query.bind(number),
        Arg::Float(number) => query.bind(number),
        Arg::Text(text) => query.bind(text),
        Arg::Bytes(bytes) => query.bind(bytes),
        Arg::Texts(texts) => query.bind(crate::statement::json(texts)),
    })
}

/// What a session sets. The name of the time limit differs between the two servers: each reads its own comment.
fn session(options: &SqlOptions) -> [String; 3] {
    let seconds = options.statement_timeout.as_secs().max(1);
    let lock = options.lock_timeout.as_secs().max(1);
    let idle = options.idle_in_transaction.as_secs().max(1);
    [
        format!(
            "SET /*M! max_statement_time = {seconds}, idle_write_transaction_timeout = {idle}, */ \
             sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')"
        ),
        format!("SET /*!80000 max_execution_time = {}, */ innodb_lock_wait_timeout = {lock}", seconds * 1000),
        // Fewer locks on gaps between rows, and so fewer deadlocks between groups that work side by side.
        "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED".to_owned(),
    ]
}

/// How long a statement may take on MariaDB. MySQL has a limit for reads alone: what is cut off there is cancelled.
async fn set_limit(connection: &mut MySqlConnection, limit: Duration) -> Result<(), sqlx::Error> {
    let set = format!("SET /*M! max_statement_time = {}, */ @habeas = 0", limit.as_secs_f64());
    sqlx::raw_sql(AssertSqlSafe(set)).execute(connection).await.map(drop)
}

impl Dialect for MySqlDialect {
    type Db = MySql;
    type Native = Native;

    const DRIVER: &'static str = "mysql";
    const KEYS_PER_STATEMENT: usize = 2048;
    const LOCK: &'static str = " FOR UPDATE";

    runs_statements!(bind);

    fn pool(options: &SqlOptions) -> Result<Pool<MySql>, StoreError> {
        let connect = MySqlConnectOptions::from_str(options.url.expose());
        let connect = connect.map_err(|_| crate::options::wrong("the URL of the MySQL store is wrong"))?;
        let session = session(options);
        let pool = MySqlPoolOptions::new()
            .max_connections(options.max_connections)
            .acquire_timeout(options.connect_timeout)
            .after_connect(move |connection, _| {
                let session = session.clone();
                Box::pin(async move {
                    for statement in session {
                        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut *connection).await?;
                    }
                    Ok(())
                })
            });
        Ok(pool.connect_lazy_with(connect.disable_statement_logging()))
    }

    async fn tables(pool: &Pool<MySql>) -> Result<Vec<Table<Native>>, sqlx::Error> {
        catalog::tables(pool).await
    }

    async fn begin<'c>(
        connection: &'c mut MySqlConnection,
        limits: &Limits,
    ) -> Result<Transaction<'c, MySql>, sqlx::Error> {
        set_limit(connection, limits.write).await?;
        connection.begin().await
    }

    async fn after(connection: &mut MySqlConnection, limits: &Limits) -> Result<(), sqlx::Error> {
        set_limit(connection, limits.read).await
    }

    async fn session(connection: &mut MySqlConnection) -> Result<Option<i64>, sqlx::Error> {
        let id: u64 = sqlx::query_scalar("SELECT CONNECTION_ID()").fetch_one(connection).await?;
        Ok(i64::try_from(id).ok())
    }

    async fn cancel(pool: &Pool<MySql>, session: i64) -> Result<(), sqlx::Error> {
        let mut other = MySqlConnection::connect_with(&pool.connect_options()).await?;
        sqlx::raw_sql(AssertSqlSafe(format!("KILL QUERY {session}"))).execute(&mut other).await?;
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
        // An ENUM is put in order by its numbers and compared by its words.
        match column.field.kind {
            FieldType::Other => values::expression(column),
            _ => format!("t.{}", quote(column.field.name.as_str())),
        }
    }

    fn bind(_: &Column<Native>, value: &Value, statement: &mut Statement) {
        // A number written as text would be compared as a floating-point number.
        match value {
            Value::Decimal(_) => statement.push("CAST(").bind(Arg::of(value)).push(" AS DECIMAL(65, 30))"),
            _ => statement.bind(Arg::of(value)),
        };
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
