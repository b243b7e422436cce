use axum::{Json, extract::State};
use habeas_domain::{JobId, RequestId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    caller::{Approving, Caller},
    path_id::Id,
    problem::Problem,
    problem_docs::{OfChange, OfOne, Usual},
    schemas,
    state::Api,
};

/// What a withdrawal reached.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WithdrawnJobs {
    /// The jobs that ended by it.
    #[schema(schema_with = schemas::ids)]
    ended: Vec<JobId>,
    /// The jobs that were changing a store at that moment and go on: what is gone cannot be brought back.
    #[schema(schema_with = schemas::ids)]
    too_late: Vec<JobId>,
}

/// Take a request back
///
/// On the person's word. It wins over everything that is still queued.
#[utoipa::path(
    post, path = "/v1/requests/{id}/withdraw", tag = "requests", operation_id = "withdraw_request",
    params(("id" = inline(schemas::IdWord), Path, description = "The request's id.")),
    responses((status = 200, description = "Taken back as far as possible.", body = WithdrawnJobs),
        Usual, OfOne, OfChange),
    security(("token" = ["approve"]))
)]
pub(crate) async fn withdraw_request(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<RequestId>,
) -> Result<Json<WithdrawnJobs>, Problem> {
    let withdrawn = api.ports.ledger.withdraw(id, caller.actor()).await?;
    Ok(Json(WithdrawnJobs { ended: withdrawn.ended, too_late: withdrawn.too_late }))
}
