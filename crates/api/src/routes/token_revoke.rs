use axum::{extract::State, http::StatusCode};
use habeas_domain::TokenId;

use crate::{
    caller::{Administering, Caller},
    path_id::Id,
    problem::Problem,
    problem_docs::{OfOne, Usual},
    schemas,
    state::Api,
};

/// Revoke a token
///
/// At once and for ever. Revoking it again changes nothing.
#[utoipa::path(
    delete, path = "/v1/tokens/{id}", tag = "tokens", operation_id = "revoke_token",
    params(("id" = inline(schemas::IdWord), Path, description = "The token's id.")),
    responses((status = 204, description = "Revoked."), Usual, OfOne),
    security(("token" = ["admin"]))
)]
pub(crate) async fn revoke_token(
    caller: Caller<Administering>,
    State(api): State<Api>,
    Id(id): Id<TokenId>,
) -> Result<StatusCode, Problem> {
    api.ports.ledger.revoke_token(id, caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
