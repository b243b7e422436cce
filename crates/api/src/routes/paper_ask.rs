use axum::{Json, extract::State, http::StatusCode};
use habeas_domain::{
    PaperKind, RequestId,
    text::{FreeText, TextRule},
};
use utoipa::ToSchema;

use crate::{
    caller::{Approving, Caller},
    fields::{Fields, FromFields},
    json::paper::PaperJson,
    path_id::Id,
    problem::Problem,
    problem_docs::{OfChange, OfOneWithBody, Usual},
    read_json::Body,
    schemas,
    state::Api,
};

/// Which paper is needed, and why.
#[derive(ToSchema)]
pub(crate) struct AskBody {
    /// What it is to show.
    #[schema(schema_with = schemas::paper_kind)]
    kind: PaperKind,
    /// Why it is needed in this case. Kept sealed with the request.
    #[schema(max_length = 1000)]
    reason: String,
}

impl FromFields for AskBody {
    const KNOWN: &'static [&'static str] = &["kind", "reason"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let kind = fields.required("kind");
        let reason = fields.required_prose("reason", TextRule::lines(1_000));
        Some(Self { kind: kind?, reason: reason? })
    }
}

/// Ask for a paper
///
/// Mails whoever can give it a link to a page that takes one file, once. A document that shows who somebody is has to be
/// switched on in the configuration and permitted by the policy; from then on this request takes it, and the mailed
/// link alone is not enough. Asking again replaces the link before.
#[utoipa::path(
    post, path = "/v1/requests/{id}/ask-paper", tag = "papers", operation_id = "ask_for_paper",
    params(("id" = inline(schemas::IdWord), Path, description = "The request's id.")),
    request_body(content = AskBody, example = json!({
        "kind": "identity-document", "reason": "No number on file, and two earlier answers were wrong." })),
    responses((status = 201, description = "Asked for.", body = PaperJson), Usual, OfOneWithBody, OfChange),
    security(("token" = ["approve"]))
)]
pub(crate) async fn ask_for_paper(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<RequestId>,
    Body(body): Body<AskBody>,
) -> Result<(StatusCode, Json<PaperJson>), Problem> {
    let reason = FreeText::parse(&body.reason).map_err(|_| Problem::invalid(Vec::new()))?;
    let paper = api.ports.papers.ask(id, body.kind, reason, caller.actor()).await?;
    Ok((StatusCode::CREATED, Json(paper.into())))
}
