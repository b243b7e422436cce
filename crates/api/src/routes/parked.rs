use axum::{Json, extract::State};

use crate::{
    caller::{Caller, Operating},
    json::work::ParkedJson,
    problem::Problem,
    problem_docs::Usual,
    state::Api,
};

/// Count parked work
///
/// By the code of its fault, most first: what to look into, and what to requeue once it is mended.
#[utoipa::path(
    get, path = "/v1/work/parked", tag = "work", operation_id = "count_parked_work",
    responses((status = 200, description = "The faults.", body = Vec<ParkedJson>), Usual),
    security(("token" = ["operate"]))
)]
pub(crate) async fn count_parked_work(
    _caller: Caller<Operating>,
    State(api): State<Api>,
) -> Result<Json<Vec<ParkedJson>>, Problem> {
    let parked = api.ports.ledger.parked_by_fault().await?;
    Ok(Json(parked.into_iter().map(Into::into).collect()))
}
