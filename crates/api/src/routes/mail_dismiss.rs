use axum::{extract::State, http::StatusCode};
use habeas_domain::{ReceivedMailId, text::FreeText, text::TextRule};
use utoipa::ToSchema;

use crate::{
    caller::{Approving, Caller},
    fields::{Fields, FromFields},
    path_id::Id,
    problem::{Problem, ProblemKind},
    problem_docs::{OfChange, OfOneWithBody, Usual},
    read_json::Body,
    schemas,
    state::Api,
};

/// Why a mail is set aside.
#[derive(ToSchema)]
pub(crate) struct DismissBody {
    /// For colleagues; kept sealed, never sent.
    #[schema(max_length = 1000, example = "An offer, no request.")]
    reason: String,
}

impl FromFields for DismissBody {
    const KNOWN: &'static [&'static str] = &["reason"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self { reason: fields.required_prose("reason", TextRule::lines(1_000))? })
    }
}

/// Set a mail aside
///
/// Nobody is written to. It is kept until its retention is over, and can be taken all the same until then.
#[utoipa::path(
    post, path = "/v1/mails/{id}/dismiss", tag = "mails", operation_id = "dismiss_mail",
    params(("id" = inline(schemas::IdWord), Path, description = "The mail's id.")),
    request_body(content = DismissBody, example = json!({ "reason": "An offer, no request." })),
    responses((status = 204, description = "Set aside."), Usual, OfOneWithBody, OfChange),
    security(("token" = ["approve"]))
)]
pub(crate) async fn dismiss_mail(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<ReceivedMailId>,
    Body(body): Body<DismissBody>,
) -> Result<StatusCode, Problem> {
    let reason = FreeText::parse(&body.reason).map_err(|_| Problem::new(ProblemKind::Invalid))?;
    api.ports.ledger.dismiss_mail(id, &reason, caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
