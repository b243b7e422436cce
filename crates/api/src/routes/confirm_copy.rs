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

/// Let a deletion go on whose copy did not arrive whole
///
/// It waits because the copy that the same request asks for was made in part, or because the mail about it came back for
/// good. Only staff can know that the person has it by other means, or does without.
#[utoipa::path(
    post, path = "/v1/jobs/{id}/confirm-copy", tag = "jobs", operation_id = "confirm_copy",
    params(("id" = inline(schemas::IdWord), Path, description = "The id of the deletion.")),
    responses((status = 204, description = "The deletion waits for this copy no longer."), Usual, OfOne, OfChange),
    security(("token" = ["approve"]))
)]
pub(crate) async fn confirm_copy(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<JobId>,
) -> Result<StatusCode, Problem> {
    api.ports.ledger.confirm_copy(id, caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
