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

/// End a stalled job with a part
///
/// With what was done. What was not is named in the mail to the person.
#[utoipa::path(
    post, path = "/v1/jobs/{id}/accept-part", tag = "jobs", operation_id = "accept_part",
    params(("id" = inline(schemas::IdWord), Path, description = "The job's id.")),
    responses((status = 204, description = "It is concluded with what was done."), Usual, OfOne, OfChange),
    security(("token" = ["approve"]))
)]
pub(crate) async fn accept_part(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<JobId>,
) -> Result<StatusCode, Problem> {
    api.ports.ledger.accept_part(id, caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
