use std::collections::HashMap;

use chrono::{DateTime, Utc};
use habeas_domain::{AgentId, AgentReason, TypedId, audit::AuditEntry};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use uuid::Uuid;

use super::chain;
use crate::{
    Ledger, LedgerError, Listed, clock,
    corrupt::parse_opt,
    entity::{agent, request},
};

/// The most agents that are listed.
const MOST: u64 = 500;

/// An agent, without who it is: their name and address are in their requests alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentRecord {
    /// Their id.
    pub id: AgentId,
    /// When they first asked for somebody.
    pub first_seen_at: DateTime<Utc>,
    /// When they last showed that the address they gave is theirs.
    pub proven_at: Option<DateTime<Utc>>,
    /// How many requests they made.
    pub requests: u64,
    /// How many of them are open.
    pub open: u64,
    /// How many of them wait for the agent to show that the address is theirs.
    pub waiting: u64,
    /// How many of them were stopped when the agent was barred, and wait for staff.
    pub stopped: u64,
    /// How many of them came with a mandate that was used for somebody else before.
    pub reused: u64,
    /// How many requests were refused for their mandate.
    pub mandates_refused: u64,
    /// When the last of the people they asked for is written to, at the pace of one agent; nothing if all are.
    pub paced_until: Option<DateTime<Utc>>,
    /// Since when nothing is taken from them.
    pub barred_at: Option<DateTime<Utc>>,
    /// Why staff barred them, or took them again.
    pub reason: Option<AgentReason>,
}

#[derive(Debug, Default, FromQueryResult)]
struct Counts {
    agent_id: Uuid,
    requests: i64,
    open: i64,
    waiting: i64,
    stopped: i64,
    reused: i64,
}

impl Ledger {
    /// Agents, latest first: at most 500.
    pub async fn list_agents(&self) -> Result<Listed<AgentRecord>, LedgerError> {
        let rows = agent::Entity::find()
            .order_by_desc(agent::Column::FirstSeenAt)
            .order_by_desc(agent::Column::Id)
            .limit(MOST)
            .all(self.db())
            .await?;
        let mut counts = self.counts(rows.iter().map(|row| row.id).collect()).await?;
        let now = self.ids().now();
        Listed::read(rows, |row| record(&row, &counts.remove(&row.id).unwrap_or_default(), now))
    }

    /// One agent.
    pub async fn agent(&self, id: AgentId) -> Result<AgentRecord, LedgerError> {
        let row = agent::Entity::find_by_id(id.uuid()).one(self.db()).await?;
        let row = row.ok_or(LedgerError::NotFound("agent"))?;
        let counts = self.counts(vec![row.id]).await?.remove(&row.id);
        record(&row, &counts.unwrap_or_default(), self.ids().now())
    }

    /// What staff and the agent did about the agent itself, oldest first.
    pub async fn agent_trail(&self, id: AgentId) -> Result<Vec<AuditEntry>, LedgerError> {
        self.audit_entries(chain(id)).await
    }

    async fn counts(&self, agents: Vec<Uuid>) -> Result<HashMap<Uuid, Counts>, LedgerError> {
        let sum = |condition: &str| Expr::cust(format!("SUM(CASE WHEN {condition} THEN 1 ELSE 0 END)"));
        let counts = request::Entity::find()
            .select_only()
            .column(request::Column::AgentId)
            .expr_as(Expr::cust("COUNT(*)"), "requests")
            .expr_as(sum("closed_at IS NULL"), "open")
            .expr_as(sum("closed_at IS NULL AND agent_waits"), "waiting")
            .expr_as(sum("closed_at IS NULL AND agent_stopped_at IS NOT NULL"), "stopped")
            .expr_as(sum("mandate_reused"), "reused")
            .filter(request::Column::AgentId.is_in(agents))
            .group_by(request::Column::AgentId)
            .into_model::<Counts>()
            .all(self.db())
            .await?;
        Ok(counts.into_iter().map(|counts| (counts.agent_id, counts)).collect())
    }
}

fn record(row: &agent::Model, counts: &Counts, now: DateTime<Utc>) -> Result<AgentRecord, LedgerError> {
    let number = |number: i64| u64::try_from(number).unwrap_or(0);
    Ok(AgentRecord {
        id: AgentId::from_uuid(row.id),
        first_seen_at: clock::moment(row.first_seen_at),
        proven_at: row.proven_at.map(clock::moment),
        requests: number(counts.requests),
        open: number(counts.open),
        waiting: number(counts.waiting),
        stopped: number(counts.stopped),
        reused: number(counts.reused),
        mandates_refused: number(row.mandates_refused),
        paced_until: Some(clock::moment(row.paced_until)).filter(|until| *until > now),
        barred_at: row.barred_at.map(clock::moment),
        reason: parse_opt(row.reason.as_deref(), "agent", "reason", row.id)?,
    })
}
