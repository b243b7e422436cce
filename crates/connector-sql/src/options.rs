//! Where a database is and how hard it may be used.

use std::{str::FromStr, time::Duration};

use habeas_connector_api::{StoreError, code};
use habeas_domain::Personal;

/// A kind of SQL database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Driver {
    /// PostgreSQL 12 or later.
    Postgres,
    /// MySQL 8 or MariaDB 10.5, or later.
    MySql,
    /// SQLite 3, in a file.
    Sqlite,
}

impl FromStr for Driver {
    type Err = StoreError;

    /// Reads the scheme of a URL, or the word in a manifest.
    fn from_str(word: &str) -> Result<Self, StoreError> {
        match word {
            "postgres" | "postgresql" => Ok(Self::Postgres),
            "mysql" | "mariadb" => Ok(Self::MySql),
            "sqlite" => Ok(Self::Sqlite),
            _ => Err(wrong("the URL of the store must begin with postgres:, mysql:, mariadb: or sqlite:")),
        }
    }
}

/// What a [`SqlStore`](crate::SqlStore) needs to know.
#[derive(Debug, Clone)]
pub struct SqlOptions {
    /// Where the database is, with user and password: wrapped so that it cannot be printed.
    pub url: Personal<String>,
    /// The most connections that are held at once.
    pub max_connections: u32,
    /// The longest to wait for a connection.
    pub connect_timeout: Duration,
    /// The longest that the database works on one statement before it gives up by itself. Reading a person's
    /// million rows is one statement, so this is a backstop; the time limits of the layers are the tight ones.
    pub statement_timeout: Duration,
    /// The same for each statement of a change, which nobody waits for any longer than this. What is cut off before is
    /// cancelled on the server.
    pub write_timeout: Duration,
    /// How many rows of a change are in memory at once: a person may have a million.
    pub rows_at_once: u32,
    /// The longest to wait for a lock.
    pub lock_timeout: Duration,
    /// How long a transaction may lie open without a statement before the server ends it. A worker that is stopped
    /// inside one keeps its locks on people's rows until then (PostgreSQL; MariaDB for transactions that wrote).
    pub idle_in_transaction: Duration,
}

impl SqlOptions {
    /// Defaults for that URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: Personal::new(url.into()),
            max_connections: 8,
            connect_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_mins(15),
            write_timeout: Duration::from_mins(15),
            rows_at_once: 20_000,
            lock_timeout: Duration::from_secs(10),
            idle_in_transaction: Duration::from_secs(20),
        }
    }

    /// The kind of database, from the URL.
    pub fn driver(&self) -> Result<Driver, StoreError> {
        self.url.expose().split(':').next().unwrap_or_default().parse()
    }
}

/// The options are wrong; the cause may quote the URL with its password, so it is not passed on.
pub(crate) fn wrong(detail: &str) -> StoreError {
    StoreError::permanent(code::OPTIONS, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_tells_the_driver_and_the_password_is_never_shown() {
        let options = SqlOptions::new("mariadb://habeas:hunter2@db.example.com/shop");
        assert_eq!(options.driver().unwrap(), Driver::MySql);
        assert!(!format!("{options:?}").contains("hunter2"));
        let error = SqlOptions::new("hunter2").driver().unwrap_err();
        assert!(!error.to_fault().detail.contains("hunter2"));
    }
}
