use axum::{extract::State, http::StatusCode};
use habeas_domain::RequestId;

use crate::{
    caller::{Approving, Caller},
    path_id::Id,
    problem::Problem,
    problem_docs::{OfChange, OfOne, Usual},
    schemas,
    state::Api,
};

/// Clear a review
///
/// Sends a request that stopped because the person's keys contradict each other, or are too many, back to its
/// resolve.
#[utoipa::path(
    post, path = "/v1/requests/{id}/clear-review", tag = "requests", operation_id = "clear_review",
    params(("id" = inline(schemas::IdWord), Path, description = "The request's id.")),
    responses((status = 204, description = "It goes on."), Usual, OfOne, OfChange),
    security(("token" = ["approve"]))
)]
pub(crate) async fn clear_review(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<RequestId>,
) -> Result<StatusCode, Problem> {
    api.ports.ledger.clear_review(id, caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
