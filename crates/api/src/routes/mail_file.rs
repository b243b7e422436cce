use axum::{extract::State, http::StatusCode};
use habeas_domain::{ReceivedMailId, RequestId};
use utoipa::ToSchema;

use crate::{
    caller::{Approving, Caller},
    fields::{Fields, FromFields},
    path_id::Id,
    problem::Problem,
    problem_docs::{OfChange, OfOneWithBody, Usual},
    read_json::Body,
    schemas,
    state::Api,
};

/// Where a mail belongs.
#[derive(ToSchema)]
pub(crate) struct FileBody {
    /// The request.
    #[schema(schema_with = schemas::id)]
    request: RequestId,
}

impl FromFields for FileBody {
    const KNOWN: &'static [&'static str] = &["request"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self { request: fields.required("request")? })
    }
}

/// Put a mail with a request
///
/// It is shown there, and changes nothing by itself.
#[utoipa::path(
    post, path = "/v1/mails/{id}/file", tag = "mails", operation_id = "file_mail",
    params(("id" = inline(schemas::IdWord), Path, description = "The mail's id.")),
    request_body(content = FileBody, example = json!({ "request": "0193b5c0-0000-7000-8000-000000000000" })),
    responses((status = 204, description = "Filed."), Usual, OfOneWithBody, OfChange),
    security(("token" = ["approve"]))
)]
pub(crate) async fn file_mail(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<ReceivedMailId>,
    Body(body): Body<FileBody>,
) -> Result<StatusCode, Problem> {
    api.ports.ledger.file_mail(id, body.request, caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
