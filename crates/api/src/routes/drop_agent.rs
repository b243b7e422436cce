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

/// Go on without the agent
///
/// The agent who asked has no part in the request any more, and hears nothing. If it was stopped because they were barred,
/// it is planned and approved anew; a person who has not confirmed it is asked again, in a mail that names no agent.
#[utoipa::path(
    post, path = "/v1/requests/{id}/drop-agent", tag = "requests", operation_id = "drop_agent",
    params(("id" = inline(schemas::IdWord), Path, description = "The request's id.")),
    responses((status = 204, description = "It goes on for the person alone."), Usual, OfOne, OfChange),
    security(("token" = ["approve"]))
)]
pub(crate) async fn drop_agent(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<RequestId>,
) -> Result<StatusCode, Problem> {
    api.ports.ledger.drop_agent(id, caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
