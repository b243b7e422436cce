//! Going on with the requests that were stopped with their agent, once staff take the agent's requests again.

use std::collections::BTreeMap;

use habeas_domain::{
    Actor, AgentId, RequestId, RequestState, TypedId, WorkKind, WorkState, audit::AuditEvent,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    bar::AT_ONCE,
    pace::{NEVER, has_to_be_asked},
};
use crate::{
    Ledger, LedgerError,
    among::among,
    entity::{job, request, work},
    race::again_after_race,
    unit::Unit,
};

impl Ledger {
    /// Lets all requests go on that were stopped when this agent was barred, with the agent as before: what had begun is
    /// planned and approved anew, and whom the agent asks for is written to once the agent has shown anew that their
    /// address is theirs. Returns how many: none while the agent is barred. What staff ended or took from the agent
    /// stays so.
    pub async fn resume_agent(&self, id: AgentId, by: Actor) -> Result<u64, LedgerError> {
        let mut resumed = 0;
        loop {
            match again_after_race(|| self.resume_once(id, by)).await? {
                0 => return Ok(resumed),
                more => resumed += more,
            }
        }
    }

    /// The open requests that were stopped with this agent, in the order in which they came: at most 500.
    pub async fn stopped_with_agent(&self, id: AgentId) -> Result<Vec<RequestId>, LedgerError> {
        let stopped = stopped(self.db(), id, 500).await?;
        Ok(stopped.into_iter().map(RequestId::from_uuid).collect())
    }

    async fn resume_once(&self, id: AgentId, by: Actor) -> Result<u64, LedgerError> {
        let mut unit = self.begin().await?;
        let mut agent = unit.agent(id).await?;
        if agent.barred_at.is_some() {
            return Ok(0);
        }
        let found = stopped(&unit.tx, id, AT_ONCE).await?;
        if found.is_empty() {
            return Ok(0);
        }
        let mut requests = unit.lock(found.iter().copied().map(RequestId::from_uuid)).await?;
        requests.retain(|_, row| row.agent_stopped_at.is_some() && row.closed_at.is_none());
        let mut jobs: BTreeMap<Uuid, Vec<job::Model>> = BTreeMap::new();
        for job in unit.jobs_of(requests.keys().copied()).await? {
            jobs.entry(job.request_id).or_default().push(job);
        }
        let mut unproven = Vec::new();
        for row in requests.values_mut() {
            unit.go_on(row, jobs.entry(row.id).or_default(), by).await?;
            if row.state == RequestState::AwaitingVerification.as_str() {
                row.agent_waits = true;
                unproven.push(row.id);
            }
            unit.changes.request(row);
            let event = AuditEvent::new("agent-resumed", by).with(json!({ "agent": id }));
            unit.audit(RequestId::from_uuid(row.id), event);
        }
        unit.hold_back(&unproven).await?;
        if let Some(first) = unproven.iter().min()
            && has_to_be_asked(&mut agent, self.ids().now())
        {
            unit.ask_agent(RequestId::from_uuid(*first));
            unit.save_agent(agent).await?;
        }
        let resumed = requests.len() as u64;
        unit.audit_agent(id, AuditEvent::new("agent-resumed", by).with(json!({ "requests": resumed })));
        unit.commit().await?;
        Ok(resumed)
    }
}

async fn stopped(db: &impl ConnectionTrait, id: AgentId, limit: u64) -> Result<Vec<Uuid>, LedgerError> {
    Ok(request::Entity::find()
        .select_only()
        .column(request::Column::Id)
        .filter(request::Column::AgentId.eq(id.uuid()))
        .filter(request::Column::ClosedAt.is_null())
        .filter(request::Column::AgentStoppedAt.is_not_null())
        .order_by_asc(request::Column::Id)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?)
}

impl Unit<'_> {
    /// Has the people of these requests written to, again if they were before, when the agent has shown that their
    /// address is theirs. What is queued until then is given up.
    async fn hold_back(&self, requests: &[Uuid]) -> Result<(), LedgerError> {
        if requests.is_empty() {
            return Ok(());
        }
        let challenges = |own: &'static str| {
            Condition::all()
                .add(among(work::Column::RequestId, requests.iter().copied()))
                .add(work::Column::Kind.eq(WorkKind::Challenge.as_str()))
                .add(Expr::cust(own))
        };
        work::Entity::update_many()
            .col_expr(work::Column::State, Expr::value(WorkState::Cancelled.as_str()))
            .col_expr(work::Column::FinishedAt, Expr::value(self.stored_now()))
            .col_expr(work::Column::LeaseUntil, Expr::value(Option::<i64>::None))
            .filter(challenges("target_id <> request_id"))
            .filter(work::Column::State.is_in([WorkState::Waiting.as_str(), WorkState::Running.as_str()]))
            .exec(&self.tx)
            .await?;
        // Whoever works on one at this moment loses it: the fence has risen.
        work::Entity::update_many()
            .col_expr(work::Column::State, Expr::value(WorkState::Waiting.as_str()))
            .col_expr(work::Column::NextAttemptAt, Expr::value(NEVER))
            .col_expr(work::Column::Attempts, Expr::value(0))
            .col_expr(work::Column::LeaseEpoch, Expr::col(work::Column::LeaseEpoch).add(1))
            .col_expr(work::Column::LeaseUntil, Expr::value(Option::<i64>::None))
            .col_expr(work::Column::FinishedAt, Expr::value(Option::<i64>::None))
            .filter(challenges("target_id = request_id"))
            .exec(&self.tx)
            .await?;
        Ok(())
    }
}
