use axum::{extract::State, response::Response};
use habeas_domain::PaperId;

use crate::{
    as_file::as_file,
    caller::{Approving, Caller},
    path_id::Id,
    ports::Seen,
    problem::Problem,
    problem_docs::{OfOne, OfPerson, Usual},
    schemas,
    state::Api,
};

/// Get the file of a paper
///
/// As long as it waits for its judgement; after that it is gone. As a file and never as something to be shown: it may be
/// harmful. Written into the audit trail before it is handed out.
#[utoipa::path(
    get, path = "/v1/papers/{id}/content", tag = "papers", operation_id = "get_paper_content",
    params(("id" = inline(schemas::IdWord), Path, description = "The paper's id.")),
    responses((status = 200, description = "The file.", body = inline(schemas::FileBytes), content_type = "application/octet-stream"),
        Usual, OfOne, OfPerson),
    security(("token" = ["approve"]))
)]
pub(crate) async fn get_paper_content(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<PaperId>,
) -> Result<Response, Problem> {
    let content = api.ports.ledger.paper_content(id).await?;
    let request = api.ports.ledger.paper(id).await?.request;
    api.ports.witness.saw(request, caller.actor(), Seen::PaperContent).await?;
    Ok(as_file(content, "attachment; filename=\"paper\""))
}
