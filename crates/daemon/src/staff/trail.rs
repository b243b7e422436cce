//! A chain of the audit trail, as staff see it.

use habeas_domain::audit::AuditEntry;
use serde_json::{Value, json};

use crate::{
    context::Context,
    output::{moment, table},
};

/// For people, oldest first.
pub(crate) fn trail_text(context: &Context, trail: &[AuditEntry]) -> String {
    let row = |entry: &AuditEntry| {
        [moment(entry.at), entry.event.clone(), entry.actor.clone(), entry.detail.clone()]
    };
    table(context, ["AT", "WHAT", "BY", "MORE"], trail.iter().map(row).collect())
}

/// For programs.
pub(crate) fn trail_json(trail: &[AuditEntry]) -> Value {
    let entry = |entry: &AuditEntry| {
        let detail: Value = serde_json::from_str(&entry.detail).unwrap_or_default();
        json!({ "seq": entry.seq, "at": entry.at, "event": entry.event, "by": entry.actor, "detail": detail })
    };
    trail.iter().map(entry).collect()
}
