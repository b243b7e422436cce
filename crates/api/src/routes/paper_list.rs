use axum::{Json, extract::State};
use habeas_domain::RequestId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    caller::{Approving, Caller},
    json::{page::tell_unreadable, paper::PaperJson},
    path_id::Id,
    ports::Seen,
    problem::Problem,
    problem_docs::{OfOne, OfPerson, Usual},
    schemas,
    state::Api,
};

/// The papers of a request.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Papers)]
pub(crate) struct PapersJson {
    /// Oldest first.
    papers: Vec<PaperJson>,
}

/// List the papers of a request
///
/// With why they were asked for and what was noted of them, which can hold personal data: looking is written into the
/// audit trail.
#[utoipa::path(
    get, path = "/v1/requests/{id}/papers", tag = "papers", operation_id = "list_papers",
    params(("id" = inline(schemas::IdWord), Path, description = "The request's id.")),
    responses((status = 200, description = "Its papers.", body = PapersJson), Usual, OfOne, OfPerson),
    security(("token" = ["approve"]))
)]
pub(crate) async fn list_papers(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<RequestId>,
) -> Result<Json<PapersJson>, Problem> {
    let papers = api.ports.ledger.papers_in_detail(id).await?;
    api.ports.witness.saw(id, caller.actor(), Seen::Papers).await?;
    tell_unreadable(&papers.unreadable);
    Ok(Json(PapersJson { papers: papers.items.into_iter().map(Into::into).collect() }))
}
