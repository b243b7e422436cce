use axum::{Json, extract::State};
use habeas_domain::{
    PaperId,
    paper::PaperDecision,
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

/// What you make of it.
#[derive(ToSchema)]
pub(crate) struct JudgeBody {
    /// Whether it shows what it is to show.
    #[schema(schema_with = schemas::paper_decision)]
    decision: PaperDecision,
    /// Why. Do not write down what stands on it. Kept sealed with the request.
    #[schema(max_length = 1000)]
    note: String,
    /// For a mandate: whether it says that the results go to the agent. They do if everybody who accepts it says so.
    #[schema(required = false)]
    agent_receives: bool,
}

impl FromFields for JudgeBody {
    const KNOWN: &'static [&'static str] = &["decision", "note", "agent_receives"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let decision = fields.required("decision");
        let note = fields.required_prose("note", TextRule::lines(1_000));
        let agent_receives = fields.flag("agent_receives");
        Some(Self { decision: decision?, note: note?, agent_receives: agent_receives? })
    }
}

/// Judge a paper
///
/// One refusal refuses it; two different people accept it, or more where the policy says so. Whoever handed the request
/// in, asked for the paper or handed it in does not judge it. With the decision its content is destroyed at once, and what
/// it shows counts as evidence.
#[utoipa::path(
    post, path = "/v1/papers/{id}/judge", tag = "papers", operation_id = "judge_paper",
    params(("id" = inline(schemas::IdWord), Path, description = "The paper's id.")),
    request_body(content = JudgeBody, example = json!({
        "decision": "accepted", "note": "Name and date of birth are those on file." })),
    responses((status = 200, description = "How the paper stands now.", body = PaperJson), Usual, OfOneWithBody,
        OfChange),
    security(("token" = ["approve"]))
)]
pub(crate) async fn judge_paper(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<PaperId>,
    Body(body): Body<JudgeBody>,
) -> Result<Json<PaperJson>, Problem> {
    let note = FreeText::parse(&body.note).map_err(|_| Problem::invalid(Vec::new()))?;
    let ledger = &api.ports.ledger;
    let judged = if body.agent_receives {
        ledger.judge_mandate_that_lets_receive(id, body.decision, note, caller.actor()).await?
    } else {
        ledger.judge_paper(id, body.decision, note, caller.actor()).await?
    };
    Ok(Json(judged.into()))
}
