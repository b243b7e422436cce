use axum::{Json, extract::State, http::StatusCode};
use habeas_domain::{ClosingId, StoreName, text::TextRule};
use serde::Serialize;
use utoipa::ToSchema;

use super::stores::known;
use crate::{
    caller::{Caller, Operating},
    fields::{Fields, FromFields},
    path_id::Id,
    problem::Problem,
    problem_docs::{OfChange, OfOneWithBody, Usual},
    read_json::Body,
    schemas,
    state::Api,
};

/// The longest reason, in characters.
pub(super) const REASON: TextRule = TextRule::lines(1_000);

/// Why a store is closed.
#[derive(ToSchema)]
pub(crate) struct CloseBody {
    /// For those who look later. Not about any person: it is kept as it is.
    #[schema(max_length = 1000)]
    reason: String,
}

impl FromFields for CloseBody {
    const KNOWN: &'static [&'static str] = &["reason"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self { reason: fields.required_prose("reason", REASON)? })
    }
}

/// A store that was closed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StoreClosed)]
pub(crate) struct ClosedJson {
    /// The id of this closing.
    #[schema(schema_with = schemas::id)]
    id: ClosingId,
    /// How many pieces of work had begun, and go on to their end. Restore the store when `GET /v1/stores` shows none.
    working: u64,
}

/// Close a store
///
/// Before it is restored from a backup. Its tasks wait and are no faults, and nobody is resolved, since what the store holds
/// would be missed; due dates and their alarms go on.
#[utoipa::path(
    post, path = "/v1/stores/{store}/close", tag = "stores", operation_id = "close_store",
    params(("store" = String, Path, description = "The store's name.", example = "shop")),
    request_body(content = CloseBody, example = json!({ "reason": "restored after a disk failure" })),
    responses((status = 201, description = "Closed.", body = ClosedJson), Usual, OfOneWithBody, OfChange),
    security(("token" = ["operate"]))
)]
pub(crate) async fn close_store(
    caller: Caller<Operating>,
    State(api): State<Api>,
    Id(store): Id<StoreName>,
    Body(body): Body<CloseBody>,
) -> Result<(StatusCode, Json<ClosedJson>), Problem> {
    known(&api, &store)?;
    let closed = api.ports.ledger.close_store(&store, &body.reason, caller.actor()).await?;
    Ok((StatusCode::CREATED, Json(ClosedJson { id: closed.id, working: closed.working })))
}
