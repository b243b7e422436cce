use axum::{Json, extract::State};
use habeas_domain::{HoldId, JobId, Personal};
use habeas_ledger::HoldLifted;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    caller::{Caller, Holding},
    fields::{Fields, FromFields},
    json::hold::PROSE,
    path_id::Id,
    problem::Problem,
    problem_docs::{OfChange, OfOneWithBody, Usual},
    read_json::Body,
    schemas,
    state::Api,
};

/// Why a hold is lifted.
#[derive(ToSchema)]
pub(crate) struct LiftBody {
    /// Kept sealed, with the hold.
    #[schema(max_length = 4000)]
    note: String,
}

impl FromFields for LiftBody {
    const KNOWN: &'static [&'static str] = &["note"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self { note: fields.required_prose("note", PROSE)? })
    }
}

/// What the lift of a hold reached.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HoldLifted)]
pub(crate) struct LiftedJson {
    /// The jobs that go on.
    #[schema(schema_with = schemas::ids)]
    resumed: Vec<JobId>,
    /// The jobs in whose way another hold stands.
    #[schema(schema_with = schemas::ids)]
    still_held: Vec<JobId>,
}

impl From<HoldLifted> for LiftedJson {
    fn from(lifted: HoldLifted) -> Self {
        Self { resumed: lifted.resumed, still_held: lifted.still_held }
    }
}

/// Lift a legal hold
///
/// What it stopped before it began is planned anew, and goes on without a new approval if the plan is still the one that was
/// approved; what was begun goes on with the keys of its plan. The hold stays on record.
#[utoipa::path(
    post, path = "/v1/holds/{id}/lift", tag = "holds", operation_id = "lift_hold",
    params(("id" = inline(schemas::IdWord), Path, description = "The hold's id.")),
    request_body(content = LiftBody, example = json!({ "note": "Case 2027-031 is settled" })),
    responses((status = 200, description = "Lifted.", body = LiftedJson), Usual, OfOneWithBody, OfChange),
    security(("token" = ["hold"]))
)]
pub(crate) async fn lift_hold(
    caller: Caller<Holding>,
    State(api): State<Api>,
    Id(id): Id<HoldId>,
    Body(body): Body<LiftBody>,
) -> Result<Json<LiftedJson>, Problem> {
    let lifted = api.ports.ledger.lift_hold(id, &Personal::new(body.note), caller.actor()).await?;
    Ok(Json(lifted.into()))
}
