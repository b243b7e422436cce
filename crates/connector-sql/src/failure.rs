//! Errors of the driver as store errors, without the values that databases like to quote.

use std::time::Duration;

use habeas_connector_api::{StoreError, code};
use sqlx::{Error, error::DatabaseError, mysql::MySqlDatabaseError};

use crate::dialect::Dialect;

/// How long to stay away from a database that has no connection free.
const PAUSE: Duration = Duration::from_secs(5);

/// What an error code of a database means to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// A constraint forbids it.
    Constraint,
    /// A value does not fit its column.
    Value,
    /// Another transaction was in the way.
    Conflict,
    /// The database gave up by itself.
    Timeout,
    /// It goes down, comes up, or broke the connection.
    Away,
    /// It has no connection free.
    Busy,
    /// The user may not.
    Denied,
    UnknownTable,
    UnknownColumn,
    /// It did not understand us.
    Syntax,
    Other,
}

/// What is left of a database's own error: its code and the names of its objects.
#[derive(Debug, thiserror::Error)]
#[error("the database said {code}{constraint}")]
struct Stripped {
    code: String,
    constraint: String,
}

impl Stripped {
    fn of(error: &dyn DatabaseError) -> Self {
        // MySQL's SQLSTATE is often just HY000; its own number says more.
        let number = error.try_downcast_ref::<MySqlDatabaseError>().map(|error| error.number().to_string());
        let state = || error.code().map_or_else(|| "nothing".to_owned(), std::borrow::Cow::into_owned);
        let code = number.unwrap_or_else(state);
        let constraint = error.constraint().map(|name| format!(" about constraint `{name}`"));
        Self { code, constraint: constraint.unwrap_or_default() }
    }
}

/// The store error for a driver error.
pub(crate) fn store_error<D: Dialect>(error: Error) -> StoreError {
    match error {
        Error::Database(error) => from_database(D::cause(&*error), Stripped::of(&*error)),
        Error::Io(error) => away().because(error.kind().to_string()),
        Error::Tls(_) => away().because("TLS failed"),
        Error::Protocol(_) | Error::WorkerCrashed | Error::BeginFailed => away(),
        Error::PoolTimedOut => {
            StoreError::temporary(code::UNAVAILABLE, "no connection to the database was free in time")
        }
        Error::PoolClosed => StoreError::permanent(code::CLOSED, "the store was closed"),
        Error::Configuration(_) => crate::options::wrong("the URL of the store is wrong"),
        Error::ColumnDecode { .. } | Error::Decode(_) | Error::TypeNotFound { .. } => {
            StoreError::permanent(code::UNREADABLE, "the database gave a value that cannot be read")
        }
        Error::Encode(_) => StoreError::permanent(code::STATEMENT, "a value cannot be bound"),
        _ => StoreError::permanent(code::OTHER, "the database driver failed"),
    }
}

fn away() -> StoreError {
    StoreError::temporary(code::UNAVAILABLE, "the connection to the database broke")
}

fn from_database(cause: Cause, stripped: Stripped) -> StoreError {
    let permanent = StoreError::permanent;
    let error = match cause {
        Cause::Constraint => permanent(code::CONSTRAINT, "a constraint of the database forbids the change"),
        Cause::Value => permanent(code::CONSTRAINT, "a value does not fit its column"),
        Cause::Conflict => StoreError::temporary(code::CONFLICT, "another transaction was in the way"),
        Cause::Timeout => {
            StoreError::temporary(code::TIMEOUT, "the database gave up on a statement or a lock")
        }
        Cause::Away => StoreError::temporary(code::UNAVAILABLE, "the database is not there"),
        Cause::Busy => StoreError::throttled(code::BUSY, "the database has no connection free", PAUSE),
        Cause::Denied => permanent(code::DENIED, "the database refuses this user; check its URL and grants"),
        Cause::UnknownTable => permanent(code::UNKNOWN_COLLECTION, "a table is gone; correct the manifest"),
        Cause::UnknownColumn => permanent(code::UNKNOWN_FIELD, "a column is gone; correct the manifest"),
        Cause::Syntax => permanent(code::STATEMENT, "the database did not understand a statement"),
        Cause::Other => permanent(code::OTHER, "the database failed"),
    };
    error.because(stripped)
}
