use sqlx::{AssertSqlSafe, MySqlConnection};

use crate::database::{DatabaseAccess, DatabaseKind};

/// What MariaDB has of its own.
#[derive(Debug, Clone)]
pub struct OnMariaDb;

/// Where a MariaDB is.
pub type MariaDbAccess = DatabaseAccess<OnMariaDb>;

impl DatabaseKind for OnMariaDb {
    type Connection = MySqlConnection;
    const ADMINISTRATIVE: &'static str = "mysql";

    fn creating(name: &str) -> String {
        format!("CREATE DATABASE {}", quoted(name))
    }

    fn dropping(name: &str) -> String {
        format!("DROP DATABASE IF EXISTS {}", quoted(name))
    }

    async fn run(connection: &mut MySqlConnection, sql: String) -> sqlx::Result<()> {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop)
    }
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}
