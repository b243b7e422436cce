use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use habeas_domain::{AgentId, AgentReason, RequestId};
use habeas_ledger::AgentRecord;
use serde::Serialize;
use utoipa::ToSchema;

use super::audit::EntryJson;
use crate::{
    caller::{Approving, Caller, Reading},
    fields::{Fields, FromFields},
    json::page::tell_unreadable,
    path_id::Id,
    problem::Problem,
    problem_docs::{OfOne, OfOneWithBody, Usual},
    read_json::Body,
    schemas,
    state::Api,
};

/// Somebody who asks on other people's behalf. Their name and address are in their requests alone.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Agent)]
pub(crate) struct AgentJson {
    /// Their id.
    #[schema(schema_with = schemas::id)]
    id: AgentId,
    /// When they first asked for somebody.
    first_seen_at: DateTime<Utc>,
    /// When they last showed that the address they gave is theirs.
    proven_at: Option<DateTime<Utc>>,
    /// How many requests they made.
    requests: u64,
    /// How many of them are open.
    open: u64,
    /// How many of them wait for the agent to show that the address is theirs. Nobody else is written to before.
    waiting: u64,
    /// How many of them were stopped when the agent was barred, and wait for staff.
    stopped: u64,
    /// How many of them came with a mandate that was used for somebody else before.
    reused: u64,
    /// How many requests were refused for their mandate.
    mandates_refused: u64,
    /// When the last of the people they asked for is written to, at the pace of one agent; nothing if all are.
    paced_until: Option<DateTime<Utc>>,
    /// Since when nothing is taken from them.
    barred_at: Option<DateTime<Utc>>,
    /// Why staff barred them, or took them again.
    #[schema(schema_with = schemas::maybe_agent_reason)]
    reason: Option<AgentReason>,
}

impl From<AgentRecord> for AgentJson {
    fn from(record: AgentRecord) -> Self {
        Self {
            id: record.id,
            first_seen_at: record.first_seen_at,
            proven_at: record.proven_at,
            requests: record.requests,
            open: record.open,
            waiting: record.waiting,
            stopped: record.stopped,
            reused: record.reused,
            mandates_refused: record.mandates_refused,
            paced_until: record.paced_until,
            barred_at: record.barred_at,
            reason: record.reason,
        }
    }
}

/// An agent, and what was done about them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgentWithTrail {
    /// The agent.
    agent: AgentJson,
    /// Their part of the audit trail, oldest first: who barred them, when and why.
    trail: Vec<EntryJson>,
}

/// Why an agent is barred, or taken again.
#[derive(ToSchema)]
pub(crate) struct AgentReasonBody {
    /// A word of a fixed list, kept in the audit trail.
    #[schema(schema_with = schemas::agent_reason)]
    reason: AgentReason,
}

impl FromFields for AgentReasonBody {
    const KNOWN: &'static [&'static str] = &["reason"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self { reason: fields.required("reason")? })
    }
}

/// Why an agent is taken again, and whether what was stopped goes on.
#[derive(ToSchema)]
pub(crate) struct UnbarBody {
    /// A word of a fixed list, kept in the audit trail.
    #[schema(schema_with = schemas::agent_reason)]
    reason: AgentReason,
    /// Whether the requests go on that were stopped when the agent was barred, with the agent as before. If not said, they
    /// stay stopped until staff say how each goes on; saying it in a later call is as good.
    #[schema(default = false, required = false)]
    resume: bool,
}

impl FromFields for UnbarBody {
    const KNOWN: &'static [&'static str] = &["reason", "resume"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let (reason, resume) = (fields.required("reason"), fields.flag("resume"));
        Some(Self { reason: reason?, resume: resume? })
    }
}

/// What became of the requests that were stopped when an agent was barred.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Unbarred {
    /// How many go on.
    resumed: u64,
    /// Which are still stopped, in the order in which they came: at most 500. They are listed by `agent_stopped`.
    #[schema(schema_with = schemas::ids)]
    stopped: Vec<RequestId>,
}

/// List agents
///
/// Who asked on other people's behalf, latest first: at most 500.
#[utoipa::path(
    get, path = "/v1/agents", tag = "requests", operation_id = "list_agents",
    responses((status = 200, description = "Them.", body = Vec<AgentJson>), Usual),
    security(("token" = ["read"]))
)]
pub(crate) async fn list_agents(
    _caller: Caller<Reading>,
    State(api): State<Api>,
) -> Result<Json<Vec<AgentJson>>, Problem> {
    let agents = api.ports.ledger.list_agents().await?;
    tell_unreadable(&agents.unreadable);
    Ok(Json(agents.items.into_iter().map(Into::into).collect()))
}

/// Show an agent
///
/// With their part of the audit trail: when they showed that their address is theirs, who barred them, when and why.
#[utoipa::path(
    get, path = "/v1/agents/{id}", tag = "requests", operation_id = "show_agent",
    params(("id" = inline(schemas::IdWord), Path, description = "The agent's id.")),
    responses((status = 200, description = "The agent.", body = AgentWithTrail), Usual, OfOne),
    security(("token" = ["read"]))
)]
pub(crate) async fn show_agent(
    _caller: Caller<Reading>,
    State(api): State<Api>,
    Id(id): Id<AgentId>,
) -> Result<Json<AgentWithTrail>, Problem> {
    let agent = api.ports.ledger.agent(id).await?.into();
    let trail = api.ports.ledger.agent_trail(id).await?;
    Ok(Json(AgentWithTrail { agent, trail: trail.into_iter().map(Into::into).collect() }))
}

/// Bar an agent
///
/// Nothing is taken from them any more. Their open requests stop: what has changed no store yet waits for staff, who go on
/// without the agent (`drop-agent`), refuse or withdraw, or let all go on when they unbar the agent, and nothing can be downloaded on them.
#[utoipa::path(
    post, path = "/v1/agents/{id}/bar", tag = "requests", operation_id = "bar_agent",
    params(("id" = inline(schemas::IdWord), Path, description = "The agent's id.")),
    request_body(content = AgentReasonBody, example = json!({ "reason": "forged-mandate" })),
    responses((status = 204, description = "Barred."), Usual, OfOneWithBody),
    security(("token" = ["approve"]))
)]
pub(crate) async fn bar_agent(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<AgentId>,
    Body(body): Body<AgentReasonBody>,
) -> Result<StatusCode, Problem> {
    api.ports.ledger.bar_agent(id, body.reason, caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Unbar an agent
///
/// Their requests are taken again, once they have shown anew that their address is theirs. What was stopped is told, and
/// stays so until staff say how each request goes on; with `resume` all of it goes on at once, with the agent as before:
/// what had begun is planned and approved anew, and whom the agent asks for is written to when the agent has shown their address.
#[utoipa::path(
    post, path = "/v1/agents/{id}/unbar", tag = "requests", operation_id = "unbar_agent",
    params(("id" = inline(schemas::IdWord), Path, description = "The agent's id.")),
    request_body(content = UnbarBody, example = json!({ "reason": "cleared", "resume": true })),
    responses((status = 200, description = "Unbarred.", body = Unbarred), Usual, OfOneWithBody),
    security(("token" = ["approve"]))
)]
pub(crate) async fn unbar_agent(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<AgentId>,
    Body(body): Body<UnbarBody>,
) -> Result<Json<Unbarred>, Problem> {
    let ledger = &api.ports.ledger;
    ledger.unbar_agent(id, body.reason, caller.actor()).await?;
    let resumed = if body.resume { ledger.resume_agent(id, caller.actor()).await? } else { 0 };
    Ok(Json(Unbarred { resumed, stopped: ledger.stopped_with_agent(id).await? }))
}

/// Mail an agent a new link
///
/// To show that the address they gave is theirs, for requests that wait for it.
#[utoipa::path(
    post, path = "/v1/agents/{id}/ask", tag = "requests", operation_id = "ask_agent",
    params(("id" = inline(schemas::IdWord), Path, description = "The agent's id.")),
    responses((status = 204, description = "Ordered, if any request waits for it."), Usual, OfOne),
    security(("token" = ["approve"]))
)]
pub(crate) async fn ask_agent(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<AgentId>,
) -> Result<StatusCode, Problem> {
    api.ports.ledger.ask_agent_again(id, caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
