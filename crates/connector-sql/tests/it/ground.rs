//! The three databases as grounds to play on.

use std::time::Duration;

use habeas_connector_sql::{SqlOptions, SqlStore};
use habeas_test_support::shared::{TestDatabase, mariadb_database, postgres_database};
use sqlx::{AssertSqlSafe, Connection, MySqlConnection, PgConnection, SqliteConnection};
use tempfile::TempDir;

/// What kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Postgres,
    MariaDb,
    Sqlite,
}

pub(crate) const KINDS: [Kind; 3] = [Kind::Postgres, Kind::MariaDb, Kind::Sqlite];

/// What keeps a database there until it is dropped.
#[expect(dead_code, reason = "held for its Drop alone")]
enum Held {
    Server(TestDatabase),
    Folder(TempDir),
}

/// An empty database, which goes away with its value.
pub(crate) struct Ground {
    pub(crate) kind: Kind,
    pub(crate) url: String,
    _held: Held,
}

impl Ground {
    pub(crate) async fn new(kind: Kind) -> Self {
        let (url, held) = match kind {
            Kind::Postgres => server(postgres_database().await.unwrap()),
            Kind::MariaDb => server(mariadb_database().await.unwrap()),
            Kind::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                (
                    format!("sqlite://{}?mode=rwc", folder.path().join("store.db").display()),
                    Held::Folder(folder),
                )
            }
        };
        Self { kind, url, _held: held }
    }

    /// A store on it, with short time limits.
    pub(crate) fn store(&self) -> SqlStore {
        SqlStore::open(&self.options()).unwrap()
    }

    pub(crate) fn options(&self) -> SqlOptions {
        SqlOptions { lock_timeout: Duration::from_secs(1), ..SqlOptions::new(&self.url) }
    }

    /// Runs statements as the owner of the database would.
    pub(crate) async fn execute(&self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        let shown = sql.0.clone();
        let done = match self.kind {
            Kind::Postgres => {
                let mut connection = PgConnection::connect(&self.url).await.unwrap();
                sqlx::raw_sql(sql).execute(&mut connection).await.map(drop)
            }
            Kind::MariaDb => {
                let mut connection = MySqlConnection::connect(&self.url).await.unwrap();
                sqlx::raw_sql(sql).execute(&mut connection).await.map(drop)
            }
            Kind::Sqlite => {
                let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
                sqlx::raw_sql(sql).execute(&mut connection).await.map(drop)
            }
        };
        done.unwrap_or_else(|error| panic!("{error}: {}", &shown[..shown.len().min(300)]));
    }
}

fn server(database: TestDatabase) -> (String, Held) {
    (database.url.clone(), Held::Server(database))
}
