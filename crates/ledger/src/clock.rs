//! Moments as the database keeps them, and the database's own clock.

use chrono::{DateTime, Utc};
use sea_orm::{DbBackend, sea_query::SimpleExpr};

/// A moment as stored: microseconds since 1970.
pub(crate) fn stored(moment: DateTime<Utc>) -> i64 {
    moment.timestamp_micros()
}

/// A stored moment.
pub(crate) fn moment(stored: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(stored).unwrap_or_default()
}

/// A duration in the unit of stored moments.
pub(crate) fn micros(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// The database's clock, as an expression. Leases and attempts are timed by it alone, since the clocks of
/// several machines never agree. It stands still during a statement, so that an index can be searched with it.
pub(crate) fn now_sql(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Sqlite => "CAST(unixepoch('subsec') * 1000000 AS INTEGER)",
        _ => "(EXTRACT(EPOCH FROM statement_timestamp()) * 1000000)::bigint",
    }
}

/// The database's clock plus so many microseconds.
pub(crate) fn now_plus(backend: DbBackend, micros: i64) -> SimpleExpr {
    sea_orm::sea_query::Expr::cust(format!("{} + {micros}", now_sql(backend)))
}
