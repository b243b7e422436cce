use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use habeas_domain::AgentId;
use habeas_ledger::AgentRecord;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    caller::{Approving, Caller, Reading},
    path_id::Id,
    problem::Problem,
    problem_docs::{OfOne, Usual},
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
    /// How many requests they made.
    requests: u64,
    /// Since when nothing is taken from them.
    barred_at: Option<DateTime<Utc>>,
}

impl From<AgentRecord> for AgentJson {
    fn from(record: AgentRecord) -> Self {
        let AgentRecord { id, first_seen_at, requests, barred_at } = record;
        Self { id, first_seen_at, requests, barred_at }
    }
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
    Ok(Json(agents.into_iter().map(Into::into).collect()))
}

/// Bar an agent
///
/// Nothing is taken from them any more. Requests that were taken before go on: the person confirms each of them.
#[utoipa::path(
    post, path = "/v1/agents/{id}/bar", tag = "requests", operation_id = "bar_agent",
    params(("id" = inline(schemas::IdWord), Path, description = "The agent's id.")),
    responses((status = 204, description = "Barred."), Usual, OfOne),
    security(("token" = ["approve"]))
)]
pub(crate) async fn bar_agent(
    _caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<AgentId>,
) -> Result<StatusCode, Problem> {
    api.ports.ledger.bar_agent(id, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Unbar an agent
///
/// Their requests are taken again.
#[utoipa::path(
    post, path = "/v1/agents/{id}/unbar", tag = "requests", operation_id = "unbar_agent",
    params(("id" = inline(schemas::IdWord), Path, description = "The agent's id.")),
    responses((status = 204, description = "Unbarred."), Usual, OfOne),
    security(("token" = ["approve"]))
)]
pub(crate) async fn unbar_agent(
    _caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<AgentId>,
) -> Result<StatusCode, Problem> {
    api.ports.ledger.bar_agent(id, false).await?;
    Ok(StatusCode::NO_CONTENT)
}
