//! Whether this machine and the state database agree on the time.

use chrono::DateTime;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use super::Finding;
use crate::{
    context::Context,
    failure::{Exit, Failure},
};

/// A difference that moves no due date and no end of a link noticeably.
const TOLERATED_MS: i64 = 2_000;

/// Compares the two clocks. Leases need only the database's; due dates and links need this machine's.
pub(super) async fn skew(context: &Context, db: &DatabaseConnection) -> Result<Finding, Failure> {
    let backend = db.get_database_backend();
    let sql = match backend {
        DbBackend::Sqlite => "SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER) AS now",
        _ => "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint AS now",
    };
    let failed = |error: sea_orm::DbErr| Failure::of(Exit::Unavailable, "state", &error);
    let row = db.query_one_raw(Statement::from_string(backend, sql)).await.map_err(failed)?;
    let theirs: i64 = row.map(|row| row.try_get("", "now")).transpose().map_err(failed)?.unwrap_or_default();
    let ours = context.clock.now();
    let skew = DateTime::from_timestamp_millis(theirs).map_or(0, |theirs| (ours - theirs).num_milliseconds());
    Ok(if skew.abs() <= TOLERATED_MS {
        Finding::ok("clock", format!("{} ms from the state database", skew.abs()))
    } else {
        let message = format!("this machine and the state database differ by {} s", skew / 1000);
        Finding::warning("clock", message, "have both follow a time server")
    })
}
