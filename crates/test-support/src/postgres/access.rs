use anyhow::Result;
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

impl PostgresAccess {
    /// Creates a database with all that is in another, to which nobody may be connected, and returns its URL.
    pub async fn copy_database(&self, of: &str, name: &str) -> Result<String> {
        self.execute(&format!("CREATE DATABASE {} TEMPLATE {}", quoted(name), quoted(of))).await?;
        Ok(self.url(name))
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
