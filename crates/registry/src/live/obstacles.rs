//! What of a collection keeps a deletion from being whole or proven, whatever the manifest says.

use habeas_domain::schema::{CollectionSchema, Obstacle};

use super::{Check, Spot};
use crate::{Code, Collection};

/// One error for each obstacle that the collection's rights meet.
pub(super) fn check(check: &mut Check<'_>, collection: &Collection, schema: &CollectionSchema) {
    let changes = collection.deletes() || collection.fields.iter().any(|field| field.correct.is_some());
    for obstacle in &schema.obstacles {
        let met = if *obstacle == Obstacle::HidesRows { collection.is_personal() } else { changes };
        if met {
            let (code, message, fix) = describe(*obstacle);
            check.error(code, Spot::of(&collection.name), message, fix);
        }
    }
}

const fn describe(obstacle: Obstacle) -> (Code, &'static str, &'static str) {
    match obstacle {
        Obstacle::NoTransactions => (
            Code::NoTransactions,
            "its engine knows no transactions, so a change that fails in its middle would stay done in part",
            "move the table to an engine with transactions, such as InnoDB",
        ),
        Obstacle::KeepsHistory => (
            Code::HistoryStays,
            "the database keeps every earlier version of its rows, so what is told as deleted would still be there",
            "drop the versioning of the table (ALTER TABLE ... DROP SYSTEM VERSIONING)",
        ),
        Obstacle::HidesRows => (
            Code::RowsHidden,
            "row-level security applies to this user: rows that it hides would be left out of copies, not be deleted, and be \
             proven gone; the database refuses every statement on it",
            "give the user BYPASSRLS; or, where the rows that it sees are all that this store is about, end the URL in \
             ?options[row_security]=on",
        ),
    }
}
