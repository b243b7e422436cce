use axum::{extract::State, http::StatusCode};
use habeas_domain::{JobId, RefusalNote, Regime, RegimeId, Right, letter::Refusal, text::TextRule};
use utoipa::ToSchema;

use crate::{
    caller::{Approving, Caller},
    fields::{Fields, FromFields},
    path_id::Id,
    problem::{FieldError, Problem, ProblemKind},
    problem_docs::{OfChange, OfOneWithBody, Usual},
    read_json::Body,
    schemas,
    state::Api,
};

/// Why a job is refused.
#[derive(ToSchema)]
pub(crate) struct RefuseBody {
    /// The code of a reason that the request's law allows for this right; see `list_regimes`.
    #[schema(max_length = 63)]
    code: String,
    /// What the person is told beside the reason.
    #[schema(value_type = Option<String>, max_length = 1000)]
    note: Option<RefusalNote>,
}

impl FromFields for RefuseBody {
    const KNOWN: &'static [&'static str] = &["code", "note"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let code = fields.required_prose("code", TextRule::line(63));
        let note = fields.prose("note", RefusalNote::RULE).and_then(|note| note.parse().ok());
        Some(Self { code: code?, note })
    }
}

/// Refuse a job
///
/// With a reason that the request's law allows for this right. The person is mailed the reason, its article, the note
/// and where to complain.
#[utoipa::path(
    post, path = "/v1/jobs/{id}/refuse", tag = "jobs", operation_id = "refuse_job",
    params(("id" = inline(schemas::IdWord), Path, description = "The job's id.")),
    request_body(content = RefuseBody, example = json!({
        "code": "legal-obligation", "note": "The invoices of 2024 have to stay until the end of 2034." })),
    responses((status = 204, description = "Refused."), Usual, OfOneWithBody, OfChange),
    security(("token" = ["approve"]))
)]
pub(crate) async fn refuse_job(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<JobId>,
    Body(body): Body<RefuseBody>,
) -> Result<StatusCode, Problem> {
    let (regime, right) = law_of(&api, id).await?;
    let refusal = reason(regime, right, body)?;
    api.ports.ledger.refuse(id, refusal, caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn law_of(api: &Api, job: JobId) -> Result<(&Regime, Right), Problem> {
    let request = api.ports.ledger.request_of(job).await?;
    let view = api.ports.ledger.request_view(request).await?;
    let right = view.jobs.iter().find(|one| one.id == job).map(|one| one.right);
    let regime = RegimeId::new(view.regime).ok().and_then(|id| api.ports.regimes.get(&id));
    regime.zip(right).ok_or_else(|| {
        Problem::new(ProblemKind::Conflict)
            .with_detail("the law of this request is not configured any more; restore it, then refuse")
    })
}

fn reason(regime: &Regime, right: Right, body: RefuseBody) -> Result<Refusal, Problem> {
    if let Some(reason) = regime.refusal(&body.code, right) {
        return Ok(reason.refusal(body.note));
    }
    let known: Vec<&str> = regime.refusals_for(right).map(|reason| reason.code.as_str()).collect();
    Err(Problem::invalid(vec![FieldError {
        field: "code".to_owned(),
        code: "unknown-value",
        message: format!("{} allows for {right}: {}", regime.id, known.join(", ")),
    }]))
}
