use axum::{Json, extract::State};
use habeas_domain::{JobId, StoreName};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    caller::{Approving, Caller},
    path_id::Id,
    ports::Seen,
    problem::Problem,
    problem_docs::{OfOne, OfPerson, Usual},
    schemas,
    state::Api,
};

/// What one job would do.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlanJson {
    /// Which job.
    #[schema(schema_with = schemas::id)]
    job: JobId,
    /// What an approval is bound to.
    #[schema(schema_with = schemas::sha256)]
    plan: String,
    /// The stores that hold something; one task each.
    #[schema(value_type = Vec<String>, example = json!(["shop", "billing"]))]
    stores: Vec<StoreName>,
    /// What would be done there, such as the old and the new value of a correction. Personal data.
    #[schema(schema_with = schemas::anything)]
    detail: serde_json::Value,
}

/// Show what a job would do
///
/// With the hash that an approval names. It can hold personal data, so looking is written into the audit trail.
#[utoipa::path(
    get, path = "/v1/jobs/{id}/plan", tag = "jobs", operation_id = "show_plan",
    params(("id" = inline(schemas::IdWord), Path, description = "The job's id.")),
    responses((status = 200, description = "The plan.", body = PlanJson), Usual, OfOne, OfPerson),
    security(("token" = ["approve"]))
)]
pub(crate) async fn show_plan(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<JobId>,
) -> Result<Json<PlanJson>, Problem> {
    let ledger = &api.ports.ledger;
    let (plan, hash) = ledger.job_plan(id).await?;
    api.ports.witness.saw(ledger.request_of(id).await?, caller.actor(), Seen::Plan).await?;
    let detail = plan.detail.into_inner();
    Ok(Json(PlanJson { job: id, plan: hash.to_string(), stores: plan.stores, detail }))
}
