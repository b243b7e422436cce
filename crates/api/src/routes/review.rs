use std::str::FromStr;

use axum::{Json, extract::State};
use habeas_domain::{
    RequestId,
    review::{FindingHash, MOST_VALUES, Opinion, ReviewDecision, UnknownReviewDecision},
    text::{FreeText, TextRule},
};
use habeas_ledger::FindingOutcome;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    caller::{Approving, Caller},
    fields::{Fields, FromFields},
    json::finding::FindingsJson,
    path_id::Id,
    ports::Seen,
    problem::Problem,
    problem_docs::{OfChange, OfOne, OfOneWithBody, OfPerson, Usual},
    read_json::Body,
    schemas,
    state::Api,
};

/// What is decided about a finding.
#[derive(ToSchema)]
pub(crate) struct ReviewBody {
    /// The finding that was looked at.
    #[schema(schema_with = schemas::sha256)]
    finding: FindingHash,
    /// `another-person`: the value is somebody else's, and rows that carry it are left out, with what only they lead to.
    /// `same-person`: the value is the person's. `allow`: so many are the person's.
    #[schema(schema_with = schemas::review_decision)]
    decision: &'static str,
    /// With `allow` and nothing else: the most that is allowed for this request.
    #[schema(required = false, minimum = 1, maximum = 10000)]
    up_to: Option<u32>,
    /// Why. Kept sealed with the request.
    #[schema(max_length = 1000)]
    reason: String,
}

impl FromFields for ReviewBody {
    const KNOWN: &'static [&'static str] = &["finding", "decision", "up_to", "reason"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let finding = fields.required("finding");
        let word = fields.required::<Word>("decision");
        let up_to = fields.number("up_to", 1..=u64::from(MOST_VALUES), 0);
        let reason = fields.required_prose("reason", TextRule::lines(1_000));
        let up_to = u32::try_from(up_to?).ok().filter(|number| *number > 0);
        let decision = word?.0;
        if let Err(problem) = ReviewDecision::read(decision, up_to) {
            fields.note("up_to", "does-not-fit", problem.to_string());
        }
        Some(Self { finding: finding?, decision, up_to, reason: reason? })
    }
}

/// The word of a decision; whether it takes a number is read with the number.
struct Word(&'static str);

impl FromStr for Word {
    type Err = UnknownReviewDecision;
    fn from_str(text: &str) -> Result<Self, UnknownReviewDecision> {
        let word = ReviewDecision::WORDS.into_iter().find(|word| *word == text);
        word.map(Self).ok_or(UnknownReviewDecision::Word)
    }
}

/// What a decision led to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ReviewResult {
    /// It is in force, and the request is resolved with it.
    Decided,
    /// It counts, and more people have to decide alike.
    Counted,
}

/// What a decision led to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Reviewed {
    /// What it led to.
    result: ReviewResult,
    /// How many more people have to decide alike.
    missing: usize,
}

/// Show what a request stopped at
///
/// The findings with their values: what was proven, and what a row carries. They are personal data, so looking is written
/// into the audit trail.
#[utoipa::path(
    get, path = "/v1/requests/{id}/review", tag = "requests", operation_id = "show_review",
    params(("id" = inline(schemas::IdWord), Path, description = "The request's id.")),
    responses((status = 200, description = "Its findings.", body = FindingsJson), Usual, OfOne, OfPerson),
    security(("token" = ["approve"]))
)]
pub(crate) async fn show_review(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<RequestId>,
) -> Result<Json<FindingsJson>, Problem> {
    let findings = api.ports.ledger.findings(id).await?;
    api.ports.witness.saw(id, caller.actor(), Seen::Findings).await?;
    Ok(Json(FindingsJson { findings: findings.into_iter().map(Into::into).collect() }))
}

/// Decide about a finding
///
/// The finding that was looked at, and no other: a resolve that finds something else stops again. Two different people have
/// to decide alike about a key that identifies people, and where data would be deleted. Whoever handed the request in does
/// not decide, and nobody counts twice. Once it is decided the request is resolved with it, then and whenever it is
/// resolved later.
#[utoipa::path(
    post, path = "/v1/requests/{id}/review", tag = "requests", operation_id = "decide_review",
    params(("id" = inline(schemas::IdWord), Path, description = "The request's id.")),
    request_body(content = ReviewBody, example = json!({
        "finding": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "decision": "another-person", "reason": "The shop confirms that these are two customers." })),
    responses((status = 200, description = "Counted.", body = Reviewed), Usual, OfOneWithBody, OfChange),
    security(("token" = ["approve"]))
)]
pub(crate) async fn decide_review(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<RequestId>,
    Body(body): Body<ReviewBody>,
) -> Result<Json<Reviewed>, Problem> {
    let reason = FreeText::parse(&body.reason).map_err(|_| Problem::invalid(Vec::new()))?;
    let decision = ReviewDecision::read(body.decision, body.up_to);
    let decision = decision.map_err(|_| Problem::invalid(Vec::new()))?;
    let opinion = Opinion { by: caller.actor(), decision };
    let outcome = api.ports.ledger.decide_finding(id, body.finding, opinion, reason).await?;
    let (result, missing) = match outcome {
        FindingOutcome::Decided => (ReviewResult::Decided, 0),
        FindingOutcome::Counted { missing } => (ReviewResult::Counted, missing),
    };
    Ok(Json(Reviewed { result, missing }))
}
