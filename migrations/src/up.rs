//! Bringing the schema up to date while the release before is at work.

use sea_orm_migration::{
    MigratorTrait,
    sea_orm::{DatabaseConnection, DbErr, RuntimeErr, sqlx::error::DatabaseError},
};

use crate::Migrator;

/// How often a step may lose against the processes at work before it is given up for this time.
const TRIES: u32 = 10;

/// Runs every step that is missing. A step and a process at work may hold each other up: the database then undoes one of
/// the two, and where that is the step, it is tried again at once. Every step is a transaction, and those before it stay.
///
/// # Errors
///
/// What the database said, at the tenth such loss or at anything else.
pub async fn up(db: &DatabaseConnection) -> Result<(), DbErr> {
    let mut tries = 1;
    loop {
        match Migrator::up(db, None).await {
            Err(error) if is_deadlock(&error) && tries < TRIES => tries += 1,
            other => return other,
        }
    }
}

/// PostgreSQL's `deadlock_detected`.
fn is_deadlock(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) = error
    else {
        return false;
    };
    cause.as_database_error().and_then(DatabaseError::code).is_some_and(|code| code == "40P01")
}
