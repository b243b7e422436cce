//! What SQLSTATE codes mean (PostgreSQL manual, appendix A).

use sqlx::error::DatabaseError;

use crate::failure::Cause;

pub(super) fn cause(error: &dyn DatabaseError) -> Cause {
    let code = error.code().unwrap_or_default();
    match &*code {
        "42P01" | "3F000" => Cause::UnknownTable,
        "42703" => Cause::UnknownColumn,
        "42501" | "28000" | "28P01" | "3D000" => Cause::Denied,
        "40001" | "40P01" | "55P03" | "55006" => Cause::Conflict,
        // A prepared statement whose table changed: it is prepared anew the next time.
        "0A000" if error.message().contains("cached plan") => Cause::Conflict,
        "57014" => Cause::Timeout,
        "53300" => Cause::Busy,
        // Out of disk, memory or other resources; shutting down, crashed, starting up.
        code if ["53", "57P", "58", "08"].iter().any(|class| code.starts_with(class)) => Cause::Away,
        "25006" => Cause::Denied,
        "25P03" => Cause::Away,
        code if code.starts_with("23") => Cause::Constraint,
        code if code.starts_with("22") => Cause::Value,
        code if code.starts_with("42") => Cause::Syntax,
        _ => Cause::Other,
    }
}
