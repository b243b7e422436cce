//! What result codes mean (SQLite manual, "Result and Error Codes").

use sqlx::error::DatabaseError;

use crate::failure::Cause;

pub(super) fn cause(error: &dyn DatabaseError) -> Cause {
    let extended: i32 = error.code().and_then(|code| code.parse().ok()).unwrap_or_default();
    match extended & 0xff {
        5 | 6 | 17 => Cause::Conflict,
        9 => Cause::Timeout,
        8 | 23 | 3 => Cause::Denied,
        7 | 10 | 13 | 14 => Cause::Away,
        19 => Cause::Constraint,
        18 | 20 => Cause::Value,
        // One code for everything in a statement; its text names objects and syntax, never values.
        1 if error.message().starts_with("no such table") => Cause::UnknownTable,
        1 if error.message().starts_with("no such column") => Cause::UnknownColumn,
        1 => Cause::Syntax,
        _ => Cause::Other,
    }
}
