use axum::{extract::State, http::StatusCode};
use habeas_domain::ReceivedMailId;

use crate::{
    caller::{Approving, Caller},
    path_id::Id,
    problem::Problem,
    problem_docs::{OfChange, OfOne, Usual},
    schemas,
    state::Api,
};

/// Have a mail read again
///
/// By the rules as they are now, as if it had just come.
#[utoipa::path(
    post, path = "/v1/mails/{id}/read-again", tag = "mails", operation_id = "read_mail_again",
    params(("id" = inline(schemas::IdWord), Path, description = "The mail's id.")),
    responses((status = 204, description = "It waits to be read."), Usual, OfOne, OfChange),
    security(("token" = ["approve"]))
)]
pub(crate) async fn read_mail_again(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<ReceivedMailId>,
) -> Result<StatusCode, Problem> {
    api.ports.ledger.read_mail_again(id, caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
