use sqlx::{AssertSqlSafe, PgConnection};

use crate::database::{DatabaseAccess, DatabaseKind};

/// What PostgreSQL has of its own.
#[derive(Debug, Clone)]
pub struct OnPostgres;

/// Where a PostgreSQL is.
pub type PostgresAccess = DatabaseAccess<OnPostgres>;

impl DatabaseKind for OnPostgres {
    type Connection = PgConnection;
    const ADMINISTRATIVE: &'static str = "postgres";

    fn creating(name: &str) -> String {
        format!("CREATE DATABASE {}", quoted(name))
    }

    fn dropping(name: &str) -> String {
        format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", quoted(name))
    }

    async fn run(connection: &mut PgConnection, sql: String) -> sqlx::Result<()> {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop)
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
