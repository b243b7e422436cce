//! Reaching a database server, be it this test's own or the shared one.

use std::{fmt::Debug, marker::PhantomData, time::Duration};

use anyhow::{Context as _, Result};
use sqlx::Connection;
use tokio::time::timeout;

/// Dozens of tests make databases at once, and a slow disk has held a server up for half a minute.
const CONNECT_LIMIT: Duration = Duration::from_mins(1);
const STATEMENT_LIMIT: Duration = Duration::from_mins(1);

/// What one kind of database server has of its own.
pub trait DatabaseKind: Debug + Clone + Send + Sync + 'static {
    /// A connection to it.
    type Connection: Connection;
    /// The database that is there from the start.
    const ADMINISTRATIVE: &'static str;

    /// The statement that creates an empty database.
    fn creating(name: &str) -> String;

    /// The statement that drops a database, whoever is connected to it.
    fn dropping(name: &str) -> String;

    /// Runs one statement.
    fn run(connection: &mut Self::Connection, sql: String) -> impl Future<Output = sqlx::Result<()>> + Send;
}

/// Where a database server is, with the right to create databases on it.
#[derive(Debug, Clone)]
pub struct DatabaseAccess<K> {
    base: String,
    kind: PhantomData<K>,
}

impl<K: DatabaseKind> DatabaseAccess<K> {
    /// `base` is `scheme://user:password@host:port`, without a database.
    pub fn new(base: &str) -> Self {
        Self { base: base.trim_end_matches('/').to_owned(), kind: PhantomData }
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
        self.execute(&K::creating(name)).await?;
        Ok(self.url(name))
    }

    /// Drops a database, cutting the connections to it where the server can.
    pub async fn drop_database(&self, name: &str) -> Result<()> {
        self.execute(&K::dropping(name)).await
    }

    /// Fails unless the server answers a statement.
    pub async fn ping(&self) -> Result<()> {
        self.execute("SELECT 1").await
    }

    /// Runs one statement on the administrative database.
    pub async fn execute(&self, sql: &str) -> Result<()> {
        let url = self.url(K::ADMINISTRATIVE);
        let connecting = timeout(CONNECT_LIMIT, K::Connection::connect(&url));
        let mut connection = connecting.await.context("connecting took too long")?.context("connecting")?;
        let running = timeout(STATEMENT_LIMIT, K::run(&mut connection, sql.to_owned()));
        running.await.with_context(|| format!("time limit of: {sql}"))?.with_context(|| sql.to_owned())?;
        connection.close().await.context("closing the connection")
    }
}
