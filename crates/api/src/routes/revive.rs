use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::dead_letters::QueueText;
use crate::{
    caller::{Caller, Operating},
    fields::{Fields, FromFields},
    problem::Problem,
    problem_docs::{OfBody, Usual},
    read_json::Body,
    state::Api,
};

/// Whose dead letters are put back.
#[derive(ToSchema)]
pub(crate) struct ReviveBody {
    /// The queue on which they arrived.
    #[schema(value_type = String, example = "habeas.intake")]
    queue: QueueText,
    /// How many; 100 if not said.
    #[schema(value_type = Option<u64>, minimum = 1, maximum = 500)]
    limit: u64,
}

impl FromFields for ReviveBody {
    const KNOWN: &'static [&'static str] = &["queue", "limit"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let queue = fields.required("queue");
        let limit = fields.number("limit", 1..=500, 100);
        Some(Self { queue: queue?, limit: limit? })
    }
}

/// How many were put back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Revived {
    /// How many messages.
    revived: u64,
}

/// Put dead letters back
///
/// After the cause is mended. What still cannot be read is given up again.
#[utoipa::path(
    post, path = "/v1/dead-letters/revive", tag = "work", operation_id = "revive_dead_letters",
    request_body(content = ReviveBody, example = json!({ "queue": "habeas.intake" })),
    responses((status = 200, description = "Put back.", body = Revived), Usual, OfBody),
    security(("token" = ["operate"]))
)]
pub(crate) async fn revive_dead_letters(
    _caller: Caller<Operating>,
    State(api): State<Api>,
    Body(body): Body<ReviveBody>,
) -> Result<Json<Revived>, Problem> {
    let limit = usize::try_from(body.limit).unwrap_or(usize::MAX);
    body.queue.is_one_of(&api)?;
    Ok(Json(Revived { revived: api.ports.dead_letters.revive(&body.queue.0, limit).await? }))
}
