use axum::{
    extract::State,
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use habeas_domain::{Personal, ReceivedMailId};

use crate::{
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
    responses((status = 200, description = "The mail.", body = Vec<u8>, content_type = "application/octet-stream"),
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
    let headers: [(HeaderName, HeaderValue); 3] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"mail.eml\"")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    Ok((headers, Personal::into_inner(raw)).into_response())
}
