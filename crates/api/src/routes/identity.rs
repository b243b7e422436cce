use axum::{Json, extract::State};
use habeas_domain::RequestId;

use crate::{
    caller::{Approving, Caller},
    json::identity::IdentityJson,
    path_id::Id,
    ports::Seen,
    problem::Problem,
    problem_docs::{OfOne, OfPerson, Usual},
    schemas,
    state::Api,
};

/// Show what was proven of an identity
///
/// What the request takes, what was shown, and what is missing. Notes can hold personal data, so looking is written into
/// the audit trail.
#[utoipa::path(
    get, path = "/v1/requests/{id}/identity", tag = "requests", operation_id = "show_identity",
    params(("id" = inline(schemas::IdWord), Path, description = "The request's id.")),
    responses((status = 200, description = "How the person stands.", body = IdentityJson), Usual, OfOne, OfPerson),
    security(("token" = ["approve"]))
)]
pub(crate) async fn show_identity(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<RequestId>,
) -> Result<Json<IdentityJson>, Problem> {
    let identity = api.ports.ledger.identity(id).await?;
    api.ports.witness.saw(id, caller.actor(), Seen::Evidence).await?;
    Ok(Json(identity.into()))
}
