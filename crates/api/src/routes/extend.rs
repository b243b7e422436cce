use axum::{Json, extract::State};
use chrono::{DateTime, NaiveDate, Utc};
use habeas_domain::{ExtensionReason, RequestId, RequestState, request::RequestEvent};
use habeas_ledger::LedgerError;
use serde::Serialize;
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

/// Why the last day moves.
#[derive(ToSchema)]
pub(crate) struct ExtendBody {
    /// What the person is told.
    #[schema(value_type = String, max_length = 500)]
    reason: ExtensionReason,
}

impl FromFields for ExtendBody {
    const KNOWN: &'static [&'static str] = &["reason"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self { reason: fields.required_prose("reason", ExtensionReason::RULE)?.parse().ok()? })
    }
}

/// The deadline now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Extended {
    /// The last day for an answer.
    due_on: NaiveDate,
    /// The end of that day.
    due_at: DateTime<Utc>,
    /// How it was counted.
    basis: Basis,
}

/// How a day was counted, in both languages.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Basis {
    /// In English.
    en: String,
    /// In Japanese.
    ja: String,
}

/// Move the last day
///
/// By as much as the request's law allows, once, and only while the person can still be told in time. They are mailed.
#[utoipa::path(
    post, path = "/v1/requests/{id}/extend", tag = "requests", operation_id = "extend_request",
    params(("id" = inline(schemas::IdWord), Path, description = "The request's id.")),
    request_body(content = ExtendBody,
        example = json!({ "reason": "Your data are spread over many systems, and two of them are slow to answer." })),
    responses((status = 200, description = "Moved.", body = Extended), Usual, OfOneWithBody, OfChange),
    security(("token" = ["approve"]))
)]
pub(crate) async fn extend_request(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<RequestId>,
    Body(body): Body<ExtendBody>,
) -> Result<Json<Extended>, Problem> {
    let view = api.ports.ledger.request_view(id).await?;
    if view.state == RequestState::Closed {
        view.state.after(RequestEvent::AllJobsEnded).map_err(LedgerError::from)?;
    }
    let deadline = api
        .ports
        .extend
        .extension(&view)
        .map_err(|refused| Problem::new(ProblemKind::Conflict).with_detail(refused.to_string()))?;
    let ledger = &api.ports.ledger;
    ledger.extend(id, &deadline, &body.reason, caller.actor()).await?;
    let basis = Basis { en: deadline.basis.en, ja: deadline.basis.ja };
    Ok(Json(Extended { due_on: deadline.due_on, due_at: deadline.due_at, basis }))
}
