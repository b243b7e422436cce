use axum::{Json, extract::State};
use chrono::{DateTime, NaiveDate, Utc};
use habeas_domain::{AgentId, BatchId, RequestId, text::TextRule};
use habeas_ledger::{BatchSummary, LedgerError};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    caller::{Caller, Reading, Submitting},
    fields::{Fields, FromFields},
    json::page::tell_unreadable,
    path_id::Id,
    ports::{BatchAnswer, BatchBody},
    problem::{FieldError, Problem},
    problem_docs::{OfBody, OfOne, Usual},
    read_json::Body,
    schemas,
    state::Api,
};

/// The most lines of one call. A batch may take any number of calls.
const MOST_LINES: usize = 500;

/// Many requests of one agent.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the schema of what is read by hand")]
pub(crate) struct Batch {
    /// What the caller calls the batch. More lines under the same name belong to the same batch.
    #[schema(min_length = 1, max_length = 200, example = "2026-11")]
    name: String,
    /// Who asks: as `agent` of a submission.
    #[schema(schema_with = schemas::anything)]
    agent: Value,
    /// The lines: submissions without `agent`, except for `mandate` and `reference` where they differ, and with a `key` of
    /// their own if the caller has one. Without it, the same line is the same request.
    #[schema(schema_with = schemas::submissions)]
    requests: Vec<Value>,
}

/// What became of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BatchTaken {
    /// The batch; see `show_batch`.
    #[schema(schema_with = schemas::id)]
    id: BatchId,
    /// How many lines of this call are requests now, those taken before included.
    accepted: usize,
    /// How many lines of this call were refused.
    refused: usize,
    /// What became of each line, in its order.
    lines: Vec<LineJson>,
}

/// What became of a line.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BatchLine)]
pub(crate) struct LineJson {
    /// Its place, from 1.
    line: usize,
    /// The request that it became.
    #[schema(schema_with = schemas::maybe_id)]
    id: Option<RequestId>,
    /// Its short form for people.
    reference: Option<String>,
    /// The last day for an answer.
    due_on: Option<NaiveDate>,
    /// Whether it had been taken before.
    repeated: bool,
    /// What is wrong with it, and the fix; empty if it was taken.
    problems: Vec<FieldError>,
}

/// How the requests of a batch stand. It says nothing about whether anybody is known or has confirmed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BatchSummary)]
pub(crate) struct SummaryJson {
    /// Its id.
    #[schema(schema_with = schemas::id)]
    id: BatchId,
    /// Who handed it in.
    #[schema(schema_with = schemas::actor)]
    submitted_by: String,
    /// Which agent asks; nothing until a line was taken.
    #[schema(schema_with = schemas::maybe_id)]
    agent: Option<AgentId>,
    /// When its first lines came.
    created_at: DateTime<Utc>,
    /// Lines that became requests.
    accepted: u64,
    /// Lines that were refused, as often as they came.
    refused: u64,
    /// Requests that wait for the agent to show that the address they gave is theirs.
    waiting_for_agent: u64,
    /// Requests that were stopped because the agent was barred.
    stopped: u64,
    /// Requests that wait for their person or are worked on: which of the two is not told.
    open: u64,
    /// Requests that are answered to their person, or ended without one. Counted when the person lets the agent have the
    /// results, or when the last day for the answer has come, however soon it ended.
    done: u64,
}

impl From<BatchSummary> for SummaryJson {
    fn from(summary: BatchSummary) -> Self {
        Self {
            id: summary.id,
            submitted_by: summary.submitted_by.to_string(),
            agent: summary.agent,
            created_at: summary.created_at,
            accepted: summary.accepted,
            refused: summary.refused,
            waiting_for_agent: summary.waiting_for_agent,
            stopped: summary.stopped,
            open: summary.open,
            done: summary.done,
        }
    }
}

impl From<BatchAnswer> for BatchTaken {
    fn from(answer: BatchAnswer) -> Self {
        let lines: Vec<LineJson> = answer
            .lines
            .into_iter()
            .enumerate()
            .map(|(place, outcome)| match outcome {
                Ok(accepted) => LineJson {
                    line: place + 1,
                    id: Some(accepted.id),
                    reference: Some(accepted.reference),
                    due_on: Some(accepted.due_on),
                    repeated: accepted.repeated,
                    problems: Vec::new(),
                },
                Err(problems) => LineJson {
                    line: place + 1,
                    id: None,
                    reference: None,
                    due_on: None,
                    repeated: false,
                    problems: problems.into_iter().map(Into::into).collect(),
                },
            })
            .collect();
        let refused = lines.iter().filter(|line| line.id.is_none()).count();
        Self { id: answer.id, accepted: lines.len() - refused, refused, lines }
    }
}

/// Hand in many requests of one agent
///
/// Each line is a request of its own: what is wrong with one is told by its place, and takes none of the others with it.
/// Sending lines again is harmless. The agent shows once that the address they gave is theirs; then each person is asked
/// whether they want it, one after another. Up to 500 lines a call.
#[utoipa::path(
    post, path = "/v1/batches", tag = "requests", operation_id = "submit_batch",
    request_body(content = Batch, example = json!({
        "name": "2026-11", "agent": { "name": "Alex Agent", "email": "alex@example.com", "mandate": "signed-permission" },
        "requests": [
            { "subject": { "email": "hanako@example.jp" }, "rights": ["access"], "agent": { "reference": "P-1" } },
            { "subject": { "email": "taro@example.com" }, "rights": ["deletion"], "key": "row-2" },
        ] })),
    responses((status = 200, description = "What became of each line.", body = BatchTaken), Usual, OfBody),
    security(("token" = ["submit"]))
)]
pub(crate) async fn submit_batch(
    caller: Caller<Submitting>,
    State(api): State<Api>,
    Body(body): Body<BatchFields>,
) -> Result<Json<BatchTaken>, Problem> {
    let BatchFields { name, agent, requests } = body;
    let batch = BatchBody { name: &name, agent: &agent, requests };
    let answer = api.ports.receive.receive_batch(batch, caller.actor()).await?;
    Ok(Json(answer.into()))
}

/// The body, before its lines are looked at.
pub(crate) struct BatchFields {
    name: String,
    agent: Value,
    requests: Vec<Value>,
}

impl FromFields for BatchFields {
    const KNOWN: &'static [&'static str] = &["name", "agent", "requests"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required_prose("name", TextRule::line(200));
        let agent = fields.value("agent");
        let requests = fields.values("requests", 1..=MOST_LINES);
        Some(Self { name: name?, agent, requests: requests? })
    }
}

/// List batches
///
/// What agents handed in together, latest first: at most 500.
#[utoipa::path(
    get, path = "/v1/batches", tag = "requests", operation_id = "list_batches",
    responses((status = 200, description = "Them.", body = Vec<SummaryJson>), Usual),
    security(("token" = ["read"]))
)]
pub(crate) async fn list_batches(
    _caller: Caller<Reading>,
    State(api): State<Api>,
) -> Result<Json<Vec<SummaryJson>>, Problem> {
    let batches = api.ports.ledger.list_batches().await?;
    tell_unreadable(&batches.unreadable);
    Ok(Json(batches.items.into_iter().map(Into::into).collect()))
}

/// Show a batch
///
/// How its requests stand, for whoever handed it in.
#[utoipa::path(
    get, path = "/v1/batches/{id}", tag = "requests", operation_id = "show_batch",
    params(("id" = inline(schemas::IdWord), Path, description = "The batch's id.")),
    responses((status = 200, description = "The batch.", body = SummaryJson), Usual, OfOne),
    security(("token" = ["submit"]))
)]
pub(crate) async fn show_batch(
    caller: Caller<Submitting>,
    State(api): State<Api>,
    Id(id): Id<BatchId>,
) -> Result<Json<SummaryJson>, Problem> {
    let batch = api.ports.ledger.batch(id).await?;
    // Another caller's is told apart from none at all by whoever may read everything.
    if batch.submitted_by != caller.actor() && caller.also(habeas_ledger::Scope::Read).is_err() {
        return Err(LedgerError::NotFound("batch").into());
    }
    Ok(Json(batch.into()))
}
