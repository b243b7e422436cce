use axum::{extract::State, http::StatusCode};
use habeas_domain::JobId;

use crate::{
    caller::{Approving, Caller},
    path_id::Id,
    problem::Problem,
    problem_docs::{OfChange, OfOne, Usual},
    schemas,
    state::Api,
};

/// Plan a job anew
///
/// Takes the plan of a job back that has changed nothing yet, and finds out anew what it would do: because a manifest changed since it
/// was approved (`plan-changed`), or the person's data did. It has to be approved anew, unless the plan turns out the same.
#[utoipa::path(
    post, path = "/v1/jobs/{id}/plan-anew", tag = "jobs", operation_id = "plan_job_anew",
    params(("id" = inline(schemas::IdWord), Path, description = "The job's id.")),
    responses((status = 204, description = "It waits for its new plan."), Usual, OfOne, OfChange),
    security(("token" = ["approve"]))
)]
pub(crate) async fn plan_job_anew(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<JobId>,
) -> Result<StatusCode, Problem> {
    api.ports.ledger.replan(id, caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
