use axum::{Json, extract::State};
use habeas_domain::{
    RequestId,
    text::{FreeText, TextRule},
    verification::{Evidence, EvidenceOutcome, Method},
};
use utoipa::ToSchema;

use crate::{
    caller::{Approving, Caller},
    fields::{Fields, FromFields},
    json::identity::IdentityJson,
    path_id::Id,
    problem::Problem,
    problem_docs::{OfChange, OfOneWithBody, Usual},
    read_json::Body,
    schemas,
    state::Api,
};

/// What staff found out.
#[derive(ToSchema)]
pub(crate) struct EvidenceBody {
    /// How: `call-back` (to a number on file). A document is judged as a paper; see `judge_paper`.
    #[schema(schema_with = schemas::method)]
    method: Method,
    /// What came of it. `denied` if whoever was reached says that the request is not theirs: it ends the verification.
    #[schema(schema_with = schemas::evidence_outcome)]
    outcome: EvidenceOutcome,
    /// How it went. Kept sealed with the request.
    #[schema(max_length = 1000)]
    note: String,
}

impl FromFields for EvidenceBody {
    const KNOWN: &'static [&'static str] = &["method", "outcome", "note"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let method = fields.required("method");
        let outcome = fields.required::<EvidenceOutcome>("outcome");
        let note = fields.required_prose("note", TextRule::lines(1_000));
        Some(Self { method: method?, outcome: outcome?, note: note? })
    }
}

/// Record what staff found out about an identity
///
/// Judged together with everything else in one transaction: if it is enough, the request goes on. Where several people
/// have to agree, nobody counts twice, and whoever handed the request in does not count. A call-back that reached the person
/// counts only for whoever looked up the number on file in the 24 hours before it; see `show_contacts`.
#[utoipa::path(
    post, path = "/v1/requests/{id}/evidence", tag = "requests", operation_id = "record_evidence",
    params(("id" = inline(schemas::IdWord), Path, description = "The request's id.")),
    request_body(content = EvidenceBody, example = json!({
        "method": "call-back", "outcome": "passed", "note": "Reached on the number on file; knew of the request." })),
    responses((status = 200, description = "How the person stands now.", body = IdentityJson), Usual, OfOneWithBody,
        OfChange),
    security(("token" = ["approve"]))
)]
pub(crate) async fn record_evidence(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<RequestId>,
    Body(body): Body<EvidenceBody>,
) -> Result<Json<IdentityJson>, Problem> {
    let ledger = &api.ports.ledger;
    let evidence = Evidence {
        method: body.method,
        outcome: body.outcome,
        at: ledger.ids().now(),
        by: caller.actor(),
        answers: 0,
        note: FreeText::parse(&body.note).ok(),
    };
    ledger.record_evidence(id, evidence).await?;
    Ok(Json(ledger.identity(id).await?.into()))
}
