use axum::{Json, extract::State};
use habeas_domain::{JobId, approval::PlanHash};
use habeas_ledger::ApproveOutcome;
use serde::Serialize;
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

/// What is approved.
#[derive(ToSchema)]
pub(crate) struct ApproveBody {
    /// The hash of the plan that was looked at.
    #[schema(schema_with = schemas::sha256)]
    plan: PlanHash,
}

impl FromFields for ApproveBody {
    const KNOWN: &'static [&'static str] = &["plan"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self { plan: fields.required::<Hash>("plan")?.0 })
    }
}

struct Hash(PlanHash);

impl std::str::FromStr for Hash {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes)
            .map_err(|_| "give the 64 hexadecimal digits that the plan shows as `plan`")?;
        Ok(Self(PlanHash(bytes)))
    }
}

/// What an approval led to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ApprovalResult {
    /// The job goes on.
    Approved,
    /// It counts, and more people have to agree.
    Counted,
    /// Enough people agreed; the person has yet to confirm a new address.
    AwaitingConfirmation,
}

/// What an approval led to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Approved {
    /// What it led to.
    result: ApprovalResult,
    /// How many more people have to agree.
    missing: usize,
}

/// Approve a job
///
/// The plan that was looked at, and no other: if it changed meanwhile, the approval is refused. Nobody approves their
/// own request, and nobody counts twice.
#[utoipa::path(
    post, path = "/v1/jobs/{id}/approve", tag = "jobs", operation_id = "approve_job",
    params(("id" = inline(schemas::IdWord), Path, description = "The job's id.")),
    request_body(content = ApproveBody, example = json!({
        "plan": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" })),
    responses((status = 200, description = "Counted.", body = Approved), Usual, OfOneWithBody, OfChange),
    security(("token" = ["approve"]))
)]
pub(crate) async fn approve_job(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<JobId>,
    Body(body): Body<ApproveBody>,
) -> Result<Json<Approved>, Problem> {
    let outcome = api.ports.ledger.approve(id, caller.actor(), body.plan).await?;
    let (result, missing) = match outcome {
        ApproveOutcome::Approved => (ApprovalResult::Approved, 0),
        ApproveOutcome::Counted { missing } => (ApprovalResult::Counted, missing),
        ApproveOutcome::AwaitingConfirmation => (ApprovalResult::AwaitingConfirmation, 0),
    };
    Ok(Json(Approved { result, missing }))
}
