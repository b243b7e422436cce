//! Letting go of the bytes of papers that were deleted, in the files of the database too.

use chrono::TimeDelta;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, QueryFilter, Statement,
};

use crate::{Ledger, LedgerError, clock, entity::paper};

/// For how long after a paper was destroyed its bytes are let go of again.
const LEFT_FOR: TimeDelta = TimeDelta::hours(1);

/// PostgreSQL lets the owner of a table rewrite it, the owner of its database, and from 17 on whoever may maintain it. Of
/// anybody else it skips the table, with a warning and no error.
const ALLOWED: &str = "SELECT CASE \
    WHEN pg_has_role(relation.relowner, 'USAGE') THEN TRUE \
    WHEN pg_has_role(here.datdba, 'USAGE') THEN TRUE \
    WHEN current_setting('server_version_num')::int >= 170000 \
        THEN has_table_privilege(relation.oid, 'MAINTAIN') \
    ELSE FALSE END AS allowed \
    FROM pg_class AS relation, pg_database AS here \
    WHERE relation.oid = to_regclass('paper_content') AND here.datname = current_database()";

/// Whether the files of the database can be written anew without what was deleted.
pub(super) async fn is_allowed(db: &impl ConnectionTrait) -> Result<bool, LedgerError> {
    let backend = db.get_database_backend();
    if backend == DbBackend::Sqlite {
        return Ok(true);
    }
    let row = db.query_one_raw(Statement::from_string(backend, ALLOWED)).await?;
    Ok(row.map(|row| row.try_get("", "allowed")).transpose()?.unwrap_or(false))
}

/// Whether no byte of a judged paper stays in the files of this state database. It takes, on PostgreSQL, a role that owns
/// the table `paper_content`.
///
/// # Errors
/// When the database does not answer.
pub async fn judged_papers_leave_nothing(db: &DatabaseConnection) -> Result<bool, LedgerError> {
    is_allowed(db).await
}

impl Ledger {
    /// Lets go of the bytes of papers that were deleted. SQLite overwrites them itself (`secure_delete`), and its write-ahead
    /// log is emptied here; PostgreSQL leaves them in the table's files, which are written anew without them: they hold
    /// only what waits for a decision. Where somebody reads at this moment they stay, and the next round tries again.
    /// Returns whether it may be done at all: if not, the bytes lie on, sealed, until the server uses their place again.
    pub(crate) async fn scrub(&self) -> Result<bool, LedgerError> {
        let db = self.db();
        let statement = match db.get_database_backend() {
            DbBackend::Sqlite => "PRAGMA wal_checkpoint(TRUNCATE)",
            _ => "VACUUM (FULL) paper_content",
        };
        let allowed = is_allowed(db).await?;
        if allowed {
            db.execute_unprepared(statement).await?;
        }
        Ok(allowed)
    }

    /// The same for what a crash or a reader left a short while ago.
    pub(crate) async fn scrub_again(&self) -> Result<(), LedgerError> {
        let since = clock::stored(self.ids().now() - LEFT_FOR);
        let lately = paper::Entity::find().filter(paper::Column::DestroyedAt.gt(since)).one(self.db());
        if self.db().get_database_backend() == DbBackend::Sqlite || lately.await?.is_some() {
            self.scrub().await?;
        }
        Ok(())
    }
}
