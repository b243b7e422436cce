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

/// Mark a mail as read
///
/// A reply to a mail of a request waits until staff have read it, and one that takes its request back or disowns it
/// (`says`) holds up every deletion of that request until then. Look at it first: `GET /v1/mails/{id}?reveal=personal`. To
/// read it changes nothing else: a request is withdrawn, refused or answered as before.
#[utoipa::path(
    post, path = "/v1/mails/{id}/mark-read", tag = "mails", operation_id = "mark_mail_read",
    params(("id" = inline(schemas::IdWord), Path, description = "The mail's id.")),
    responses((status = 204, description = "It is read."), Usual, OfOne, OfChange),
    security(("token" = ["approve"]))
)]
pub(crate) async fn mark_mail_read(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<ReceivedMailId>,
) -> Result<StatusCode, Problem> {
    api.ports.ledger.mail_read(id, caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
