use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use habeas_domain::{
    RequestId,
    audit::{AuditEntry, verify_chain},
};
use habeas_ledger::LedgerError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    caller::{Caller, Reading},
    path_id::Id,
    problem::Problem,
    problem_docs::{OfOne, Usual},
    schemas,
    state::Api,
};

/// An audit trail.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TrailJson {
    /// Which request, or what else it is about.
    #[schema(schema_with = schemas::id)]
    request: RequestId,
    /// Whether every entry is where and what it was when it was written.
    intact: bool,
    /// Where the chain is broken.
    broken: Option<String>,
    /// Everything that happened, oldest first.
    entries: Vec<EntryJson>,
}

/// One thing that happened. Holds no personal data.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(crate) struct EntryJson {
    /// Its place, from 1.
    seq: i64,
    /// When.
    at: DateTime<Utc>,
    /// Who caused it.
    #[schema(schema_with = schemas::actor)]
    actor: String,
    /// What happened.
    #[schema(example = "identity-proven")]
    event: String,
    /// More about it; nothing where the event says all.
    #[schema(schema_with = schemas::maybe_anything)]
    detail: serde_json::Value,
    /// The hash of the entry before.
    #[schema(schema_with = schemas::sha256)]
    previous: String,
    /// Its own hash.
    #[schema(schema_with = schemas::sha256)]
    hash: String,
}

impl From<AuditEntry> for EntryJson {
    fn from(entry: AuditEntry) -> Self {
        Self {
            seq: entry.seq,
            at: entry.at,
            actor: entry.actor,
            event: entry.event,
            detail: serde_json::from_str(&entry.detail).unwrap_or_default(),
            previous: hex::encode(entry.previous),
            hash: hex::encode(entry.hash),
        }
    }
}

/// Show an audit trail
///
/// The whole chain of a request, and whether it is intact; or that of an agent, of a legal hold, of the closing of a store,
/// or of a holder of tokens (`acts_as` of a token), by its id. That its end was not cut off is shown by `habeas audit verify` with a
/// signed checkpoint.
#[utoipa::path(
    get, path = "/v1/audit/{id}", tag = "audit", operation_id = "show_audit_trail",
    params(("id" = inline(schemas::IdWord), Path, description = "The id of the request, or of what else the trail is about.")),
    responses((status = 200, description = "The trail.", body = TrailJson), Usual, OfOne),
    security(("token" = ["read"]))
)]
pub(crate) async fn show_audit_trail(
    _caller: Caller<Reading>,
    State(api): State<Api>,
    Id(id): Id<RequestId>,
) -> Result<Json<TrailJson>, Problem> {
    let entries = api.ports.ledger.audit_entries(id).await?;
    if entries.is_empty() {
        return Err(LedgerError::NotFound("request").into());
    }
    let broken = verify_chain(&entries).err().map(|broken| broken.to_string());
    let entries = entries.into_iter().map(Into::into).collect();
    Ok(Json(TrailJson { request: id, intact: broken.is_none(), broken, entries }))
}
