use axum::{extract::State, response::Response};
use habeas_domain::ReceivedMailId;

use crate::{
    as_file::as_file,
    caller::{Approving, Caller},
    path_id::Id,
    problem::Problem,
    problem_docs::{OfOne, OfPerson, Usual},
    schemas,
    state::Api,
};

/// Get a mail as it came
///
/// Every byte, as a file and never as something to be shown: what is attached may be harmful. Written into the mail's
/// audit trail before it is handed out.
#[utoipa::path(
    get, path = "/v1/mails/{id}/raw", tag = "mails", operation_id = "get_raw_mail",
    params(("id" = inline(schemas::IdWord), Path, description = "The mail's id.")),
    responses((status = 200, description = "The mail.", body = inline(schemas::FileBytes), content_type = "application/octet-stream"),
        Usual, OfOne, OfPerson),
    security(("token" = ["approve"]))
)]
pub(crate) async fn get_raw_mail(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<ReceivedMailId>,
) -> Result<Response, Problem> {
    let raw = api.ports.ledger.raw_mail(id).await?;
    api.ports.ledger.mail_seen(id, caller.actor(), "raw").await?;
    Ok(as_file(raw, "attachment; filename=\"mail.eml\""))
}
