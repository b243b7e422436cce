use axum::{Json, extract::State};
use habeas_domain::{HeldKey, HoldId};
use habeas_ledger::HoldEnd;
use serde::Serialize;
use utoipa::ToSchema;

use super::audit::EntryJson;
use crate::{
    caller::{Caller, Holding},
    json::hold::{HoldJson, KeyJson},
    path_id::Id,
    problem::Problem,
    problem_docs::{OfOne, Usual},
    schemas,
    state::Api,
};

/// A hold with whom it is about, why, and what was done about it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HoldWithTrail {
    /// The hold.
    hold: HoldJson,
    /// The keys of the person.
    keys: Vec<KeyJson>,
    /// The matter, or another reason.
    reason: String,
    /// Why it was lifted.
    lift_note: Option<String>,
    /// Its part of the audit trail, oldest first: who placed it, who looked at it, who lifted it, and what that reached.
    trail: Vec<EntryJson>,
}

/// Show a legal hold
///
/// With whom it is about and why. That it was looked at is recorded in its audit trail.
#[utoipa::path(
    get, path = "/v1/holds/{id}", tag = "holds", operation_id = "show_hold",
    params(("id" = inline(schemas::IdWord), Path, description = "The hold's id.")),
    responses((status = 200, description = "The hold.", body = HoldWithTrail), Usual, OfOne),
    security(("token" = ["hold"]))
)]
pub(crate) async fn show_hold(
    caller: Caller<Holding>,
    State(api): State<Api>,
    Id(id): Id<HoldId>,
) -> Result<Json<HoldWithTrail>, Problem> {
    let ledger = &api.ports.ledger;
    ledger.record_hold_seen(id, caller.actor()).await?;
    let view = ledger.hold(id).await?;
    let trail = ledger.hold_trail(id).await?;
    let key = |one: &HeldKey| KeyJson { key: one.key.to_string(), value: one.value.expose().clone() };
    let note = |end: &HoldEnd| end.note.expose().clone();
    Ok(Json(HoldWithTrail {
        keys: view.keys.iter().map(key).collect(),
        reason: view.reason.expose().clone(),
        lift_note: view.lifted.as_ref().map(note),
        hold: view.into(),
        trail: trail.into_iter().map(Into::into).collect(),
    }))
}
