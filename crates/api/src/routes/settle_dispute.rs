use axum::{extract::State, http::StatusCode};
use habeas_domain::RequestId;
use habeas_ledger::DisputeDecision;
use utoipa::ToSchema;

use crate::{
    caller::{Approving, Caller},
    fields::{Fields, FromFields},
    path_id::Id,
    problem::Problem,
    problem_docs::{OfChange, OfOneWithBody, Usual},
    read_json::Body,
    schemas,
    state::Api,
};

/// What staff found about an objection.
#[derive(ToSchema)]
pub(crate) struct SettleBody {
    /// `upheld`: the person did not ask, and what was stopped ends. `dismissed`: they did, and it is planned, approved
    /// and warned of anew.
    #[schema(schema_with = schemas::dispute_decision)]
    decision: DisputeDecision,
}

impl FromFields for SettleBody {
    const KNOWN: &'static [&'static str] = &["decision"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self { decision: fields.required("decision")? })
    }
}

/// Settle a dispute
///
/// Somebody at an address on file said that a deletion was not theirs, and everything that could be stopped was. The
/// person is mailed when the request ends by it.
#[utoipa::path(
    post, path = "/v1/requests/{id}/settle-dispute", tag = "requests", operation_id = "settle_dispute",
    params(("id" = inline(schemas::IdWord), Path, description = "The request's id.")),
    request_body(content = SettleBody, example = json!({ "decision": "upheld" })),
    responses((status = 204, description = "Settled."), Usual, OfOneWithBody, OfChange),
    security(("token" = ["approve"]))
)]
pub(crate) async fn settle_dispute(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<RequestId>,
    Body(body): Body<SettleBody>,
) -> Result<StatusCode, Problem> {
    api.ports.ledger.settle_dispute(id, body.decision, caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
