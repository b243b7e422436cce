//! Another release comes to a house at work.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use habeas_ledger::LedgerOptions;
use habeas_migrations::{Migrator, MigratorTrait};
use habeas_test_support::TestDaemon;

use super::House;

/// The grace of a drain (25 s), and what comes after it.
const GRACE: Duration = Duration::from_secs(30);

/// What a later release might add to a table, as `migrations/README.md` allows it to. Each table is a step of its own.
const FOR_EACH_TABLE: &str = "
ALTER TABLE {table} ADD COLUMN of_later text, ADD COLUMN count_of_later bigint NOT NULL DEFAULT 0;
";

/// What else it might add, and that it was there.
const BESIDE: &str = "
CREATE TABLE things_of_later (id uuid PRIMARY KEY);
CREATE INDEX work_of_later ON work (count_of_later);
INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_of_later', 0);
";

impl House {
    /// From here on the program under test is used; it migrates while the processes of the release before are at work.
    pub fn migrate_to_the_program_under_test(&mut self) -> Result<()> {
        self.program = None;
        self.run(&["migrate"]).map(drop)
    }

    /// Ends a process that is at work, which must take no longer than its grace, and starts it anew with the program that
    /// is used now.
    pub async fn replace(&mut self, index: usize, limit: Duration) -> Result<()> {
        self.under_way(limit).await?;
        let (process, roles) = (self.processes.get(index), self.roles.get(index));
        let (process, roles) = process.zip(roles).context("such a process")?;
        process.sigterm()?;
        let ended = process.wait_exit(GRACE).await?;
        ensure!(ended.success(), "{ended}: {}", process.output()?);
        let options = self.process(index, roles, &self.env)?;
        let process = TestDaemon::start(options).await?;
        if let Some(place) = self.processes.get_mut(index) {
            *place = process;
        }
        Ok(())
    }

    /// A later release has migrated the state database.
    pub async fn expand_the_schema(&self) -> Result<()> {
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'seaql_migrations'",
        )
        .fetch_all(&self.state)
        .await?;
        let each = tables.iter().map(|table| FOR_EACH_TABLE.replace("{table}", table));
        for step in each.chain([BESIDE.to_owned()]) {
            sqlx::raw_sql(sqlx::AssertSqlSafe(step))
                .execute(&self.state)
                .await
                .context("expanding the schema")?;
        }
        Ok(())
    }

    /// Takes the latest step of the schema back, as if the release before had left the state database.
    pub async fn take_a_step_back(&self) -> Result<()> {
        let db = LedgerOptions::new(&self.state_url).open().await?;
        Migrator::down(&db, Some(1)).await?;
        Ok(db.close().await?)
    }
}
