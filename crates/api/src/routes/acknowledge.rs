use axum::{extract::State, http::StatusCode};
use chrono::NaiveDate;
use habeas_domain::{ConfirmedBy, RequestId};
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

/// How and when the person was told that their request arrived.
#[derive(ToSchema)]
pub(crate) struct AcknowledgeBody {
    /// By what means.
    #[schema(schema_with = schemas::confirmed_by)]
    by: ConfirmedBy,
    /// On which day.
    on: NaiveDate,
}

impl FromFields for AcknowledgeBody {
    const KNOWN: &'static [&'static str] = &["by", "on"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let (by, on) = (fields.required("by"), fields.required("on"));
        Some(Self { by: by?, on: on? })
    }
}

/// Mark the receipt of a request as confirmed by post or telephone
///
/// Where the law sets a day by which the person is told that their request arrived (`acknowledge_by`), and no mail of Habeas did
/// that. It clears the alarm.
#[utoipa::path(
    post, path = "/v1/requests/{id}/acknowledge", tag = "requests", operation_id = "acknowledge_request",
    params(("id" = inline(schemas::IdWord), Path, description = "The request's id.")),
    request_body(content = AcknowledgeBody, example = json!({ "by": "telephone", "on": "2026-11-24" })),
    responses((status = 204, description = "Marked."), Usual, OfOneWithBody, OfChange),
    security(("token" = ["approve"]))
)]
pub(crate) async fn acknowledge_request(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<RequestId>,
    Body(body): Body<AcknowledgeBody>,
) -> Result<StatusCode, Problem> {
    api.ports.ledger.acknowledge(id, (body.by, body.on), caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
