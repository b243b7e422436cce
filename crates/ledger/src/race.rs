//! What is done about two transactions that meet.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DbBackend};

use crate::{LedgerError, unit::Unit};

/// How often a transaction that came second is tried again.
const TRIES: u32 = 3;

/// The first half of our advisory locks on PostgreSQL, so that they meet nobody else's.
const ADVISORY: i32 = 0x4842;

/// Runs `attempt` again when another transaction wrote the same unique row first: this time it finds it.
pub(crate) async fn again_after_race<T, F>(mut attempt: impl FnMut() -> F) -> Result<T, LedgerError>
where
    F: Future<Output = Result<T, LedgerError>>,
{
    for _ in 1..TRIES {
        match attempt().await {
            Err(error) if error.is_race() => {}
            other => return other,
        }
    }
    attempt().await
}

impl Unit<'_> {
    /// Lets submissions about the same people be taken one transaction after another, so that each sees the other's
    /// as its duplicate. People share 256 locks, taken in order. SQLite has one writer in any case.
    pub(crate) async fn one_after_another(&self, lookups: &[Vec<u8>]) -> Result<(), LedgerError> {
        let locks: BTreeSet<u8> = lookups.iter().filter_map(|lookup| lookup.first().copied()).collect();
        if self.backend() != DbBackend::Postgres || locks.is_empty() {
            return Ok(());
        }
        let locks: Vec<String> = locks.iter().map(ToString::to_string).collect();
        let sql = format!(
            "SELECT pg_advisory_xact_lock({ADVISORY}, place) FROM unnest(ARRAY[{}]::int[]) AS place",
            locks.join(",")
        );
        self.tx.execute_unprepared(&sql).await?;
        Ok(())
    }
}
