//! Reaching a MariaDB, be it this test's own or the shared one.

use std::time::Duration;

use anyhow::{Context as _, Result};
use sqlx::{AssertSqlSafe, Connection as _, MySqlConnection};
use tokio::time::timeout;

/// Dozens of tests make databases at once, and a slow disk holds a server up for seconds.
const CONNECT_LIMIT: Duration = Duration::from_secs(30);
const STATEMENT_LIMIT: Duration = Duration::from_mins(1);

/// Where a MariaDB is, with the right to create databases on it.
#[derive(Debug, Clone)]
pub struct MariaDbAccess {
    base: String,
}

impl MariaDbAccess {
    /// `base` is `mysql://user:password@host:port`, without a database.
    pub fn new(base: &str) -> Self {
        Self { base: base.trim_end_matches('/').to_owned() }
    }

    /// The URL without a database.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The URL of a database on this server.
    pub fn url(&self, database: &str) -> String {
        format!("{}/{database}", self.base)
    }

    /// Creates an empty database and returns its URL.
    pub async fn create_database(&self, name: &str) -> Result<String> {
        self.execute(&format!("CREATE DATABASE {}", quoted(name))).await?;
        Ok(self.url(name))
    }

    /// Drops a database.
    pub async fn drop_database(&self, name: &str) -> Result<()> {
        self.execute(&format!("DROP DATABASE IF EXISTS {}", quoted(name))).await
    }

    /// Fails unless the server answers a statement.
    pub async fn ping(&self) -> Result<()> {
        self.execute("SELECT 1").await
    }

    /// Runs one statement on the administrative database.
    pub async fn execute(&self, sql: &str) -> Result<()> {
        let url = self.url("mysql");
        let connecting = timeout(CONNECT_LIMIT, MySqlConnection::connect(&url));
        let mut connection = connecting.await.context("connecting took too long")?.context("connecting")?;
        let running =
            timeout(STATEMENT_LIMIT, sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection));
        running.await.with_context(|| format!("time limit of: {sql}"))?.with_context(|| sql.to_owned())?;
        connection.close().await.context("closing the connection")
    }
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}
