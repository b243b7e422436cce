//! Servers shared by the tests of one run.
//!
//! `cargo xtask test` starts one PostgreSQL, one MariaDB and one RabbitMQ and hands their addresses to all tests in
//! environment variables. Without those, the first use in a process starts a private server for that process. Either
//! way each test gets a database or virtual host of its own, which goes away with its value.
//!
//! A test that kills, stops or wipes a server must start its own.

mod cleanup;

use anyhow::{Context as _, Result};
use tokio::sync::OnceCell;

use crate::{MariaDb, MariaDbAccess, Postgres, PostgresAccess, RabbitMq, RabbitMqAccess, names};

/// `postgres://user:password@host:port`, without a database.
pub const POSTGRES_URL: &str = "HABEAS_TEST_POSTGRES_URL";
/// `mysql://user:password@host:port`, without a database.
pub const MARIADB_URL: &str = "HABEAS_TEST_MARIADB_URL";
/// `amqp://user:password@host:port`, without a virtual host.
pub const AMQP_URL: &str = "HABEAS_TEST_AMQP_URL";
/// `http://host:port` of the same broker's management plugin.
pub const AMQP_MANAGEMENT_URL: &str = "HABEAS_TEST_AMQP_MANAGEMENT_URL";

/// The shared PostgreSQL.
pub async fn postgres() -> Result<PostgresAccess> {
    static PRIVATE: OnceCell<Postgres> = OnceCell::const_new();
    match std::env::var(POSTGRES_URL) {
        Ok(url) => Ok(PostgresAccess::new(&url)),
        Err(_unset) => Ok(PRIVATE.get_or_try_init(Postgres::start).await?.access().clone()),
    }
}

/// The shared MariaDB.
pub async fn mariadb() -> Result<MariaDbAccess> {
    static PRIVATE: OnceCell<MariaDb> = OnceCell::const_new();
    match std::env::var(MARIADB_URL) {
        Ok(url) => Ok(MariaDbAccess::new(&url)),
        Err(_unset) => Ok(PRIVATE.get_or_try_init(MariaDb::start).await?.access().clone()),
    }
}

/// The shared RabbitMQ.
pub async fn rabbitmq() -> Result<RabbitMqAccess> {
    static PRIVATE: OnceCell<RabbitMq> = OnceCell::const_new();
    match std::env::var(AMQP_URL) {
        Ok(url) => {
            let management = std::env::var(AMQP_MANAGEMENT_URL);
            RabbitMqAccess::new(
                &url,
                &management.with_context(|| format!("{AMQP_MANAGEMENT_URL} must be set too"))?,
            )
        }
        Err(_unset) => Ok(PRIVATE.get_or_try_init(RabbitMq::start).await?.access().clone()),
    }
}

/// A database of a test's own on a shared server. Dropping it drops the database, as far as the server lets it.
#[derive(Debug)]
pub struct TestDatabase {
    /// Where to connect.
    pub url: String,
    /// Its name on the server.
    pub name: String,
    server: DatabaseServer,
}

#[derive(Debug, Clone)]
enum DatabaseServer {
    Postgres(PostgresAccess),
    MariaDb(MariaDbAccess),
}

/// A new empty database on the shared PostgreSQL.
pub async fn postgres_database() -> Result<TestDatabase> {
    let access = postgres().await?;
    let name = names::unique("test_");
    let url = access.create_database(&name).await?;
    Ok(TestDatabase { url, name, server: DatabaseServer::Postgres(access) })
}

/// A new database on the shared PostgreSQL with all that is in another.
pub(crate) async fn postgres_copy(of: &str) -> Result<TestDatabase> {
    let access = postgres().await?;
    let name = names::unique("test_");
    let url = access.copy_database(of, &name).await?;
    Ok(TestDatabase { url, name, server: DatabaseServer::Postgres(access) })
}

/// A new empty database on the shared MariaDB.
pub async fn mariadb_database() -> Result<TestDatabase> {
    let access = mariadb().await?;
    let name = names::unique("test_");
    let url = access.create_database(&name).await?;
    Ok(TestDatabase { url, name, server: DatabaseServer::MariaDb(access) })
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        cleanup::run(async move {
            match server {
                DatabaseServer::Postgres(access) => access.drop_database(&name).await,
                DatabaseServer::MariaDb(access) => access.drop_database(&name).await,
            }
        });
    }
}

/// A virtual host of a test's own on the shared broker. Dropping it deletes it with its queues.
#[derive(Debug)]
pub struct TestVhost {
    /// Where to connect.
    pub url: String,
    /// Its name on the broker.
    pub name: String,
    access: RabbitMqAccess,
}

impl TestVhost {
    /// The broker's management API.
    pub fn access(&self) -> &RabbitMqAccess {
        &self.access
    }
}

/// A new empty virtual host on the shared RabbitMQ; takes some 50 ms over the management plugin.
pub async fn amqp_vhost() -> Result<TestVhost> {
    let access = rabbitmq().await?;
    let name = names::unique("test_");
    let url = access.create_vhost(&name).await?;
    Ok(TestVhost { url, name, access })
}

impl Drop for TestVhost {
    fn drop(&mut self) {
        let (access, name) = (self.access.clone(), self.name.clone());
        cleanup::run(async move { access.delete_vhost(&name).await });
    }
}
