use axum::{Json, extract::State};
use habeas_domain::RequestId;

use crate::{
    caller::{Caller, Reading},
    json::{page::tell_unreadable, receipt::ReceiptsJson},
    path_id::Id,
    problem::Problem,
    problem_docs::{OfOne, Usual},
    schemas,
    state::Api,
};

/// Show the receipts of a request
///
/// The signed proofs of what was done to the stores, whose numbers the letters name. Counts, times and proofs: nothing about
/// the person.
#[utoipa::path(
    get, path = "/v1/requests/{id}/receipts", tag = "requests", operation_id = "list_receipts",
    params(("id" = inline(schemas::IdWord), Path, description = "The request's id.")),
    responses((status = 200, description = "Its receipts, oldest first.", body = ReceiptsJson), Usual, OfOne),
    security(("token" = ["read"]))
)]
pub(crate) async fn list_receipts(
    _: Caller<Reading>,
    State(api): State<Api>,
    Id(id): Id<RequestId>,
) -> Result<Json<ReceiptsJson>, Problem> {
    api.ports.ledger.request_view(id).await?;
    let receipts = api.ports.ledger.receipts(id).await?;
    tell_unreadable(&receipts.unreadable);
    Ok(Json(receipts.items.into()))
}
