//! State databases as a test begins with them: migrated, and empty. Copying one takes a fraction of the time of all steps
//! of the schema, and more than a thousand tests begin with one. The servers of a run keep one of each kind to copy.

use std::path::Path;

use anyhow::{Context as _, Result};
use habeas_migrations::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectionTrait as _, Database};
use tempfile::TempDir;

use crate::{PostgresAccess, shared, shared::TestDatabase};

/// The SQLite file to copy.
const FILE: &str = "HABEAS_TEST_STATE_FILE";
/// The database to copy on the shared PostgreSQL.
const DATABASE: &str = "HABEAS_TEST_STATE_DATABASE";

/// A migrated state database in that folder; returns its URL.
pub async fn sqlite(folder: &Path) -> Result<String> {
    let file = folder.join("state.db");
    let url = format!("sqlite://{}?mode=rwc", file.display());
    match std::env::var_os(FILE) {
        Some(made) => std::fs::copy(made, &file).map(drop).context("copying the state database")?,
        None => migrate(&url, &[]).await?,
    }
    Ok(url)
}

/// A migrated state database of a test's own on the shared PostgreSQL.
pub async fn postgres() -> Result<TestDatabase> {
    if let Ok(made) = std::env::var(DATABASE) {
        return shared::postgres_copy(&made).await;
    }
    let database = shared::postgres_database().await?;
    migrate(&database.url, &[]).await?;
    Ok(database)
}

async fn migrate(url: &str, first: &[&str]) -> Result<()> {
    let db = Database::connect(url).await.context("connecting to the state database")?;
    for statement in first {
        db.execute_unprepared(statement).await?;
    }
    Migrator::up(&db, None).await.context("migrating the state database")?;
    Ok(db.close().await?)
}

/// What the tests of a run copy.
#[derive(Debug)]
pub struct Templates {
    folder: TempDir,
}

impl Templates {
    /// Makes one on that server, and a file.
    pub async fn make(postgres: &PostgresAccess) -> Result<Self> {
        let templates = Self { folder: tempfile::tempdir()? };
        let url = postgres.create_database(Self::database()).await?;
        // The mode stays with the file: a copy need not be changed to it.
        let file = format!("sqlite://{}?mode=rwc", templates.file());
        tokio::try_join!(migrate(&url, &[]), migrate(&file, &["PRAGMA journal_mode = WAL"]))?;
        Ok(templates)
    }

    const fn database() -> &'static str {
        "state_to_copy"
    }

    fn file(&self) -> String {
        self.folder.path().join("state.db").display().to_string()
    }

    /// The environment variables that tell the tests of them.
    pub fn variables(&self) -> [(&'static str, String); 2] {
        [(FILE, self.file()), (DATABASE, Self::database().to_owned())]
    }
}
