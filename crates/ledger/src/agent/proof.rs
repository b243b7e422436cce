//! The agent's own proof: that they hold the address which they gave as theirs. Before it nobody is written to for them.

use chrono::TimeDelta;
use habeas_domain::{
    Actor, AgentId, RequestId, RequestState, TypedId, WorkId, WorkKind, WorkState, audit::AuditEvent,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
    Value, sea_query::Expr,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Ledger, LedgerError, Purpose,
    among::among,
    entity::{challenge, request, work},
    race::again_after_race,
    unit::{NewWork, Unit},
};

impl Ledger {
    /// Uses up the challenge by which an agent shows that their address is theirs, once: the people they asked for are
    /// written to from now on, one per `pace`. Returns whether it was an open challenge of an agent who is not barred.
    pub async fn prove_agent(&self, challenge: Uuid, pace: TimeDelta) -> Result<bool, LedgerError> {
        let Some(agent) = self.agent_of(challenge).await? else { return Ok(false) };
        again_after_race(|| self.prove_agent_once(challenge, agent, pace)).await
    }

    /// The agent whom a challenge was mailed to.
    async fn agent_of(&self, challenge: Uuid) -> Result<Option<AgentId>, LedgerError> {
        let Some(row) = challenge::Entity::find_by_id(challenge).one(self.db()).await? else {
            return Ok(None);
        };
        let of = request::Entity::find_by_id(row.request_id).one(self.db()).await?;
        let agent = of.and_then(|of| of.agent_id).filter(|_| row.purpose == Purpose::Agent.as_str());
        Ok(agent.map(AgentId::from_uuid))
    }

    async fn prove_agent_once(
        &self,
        challenge: Uuid,
        id: AgentId,
        pace: TimeDelta,
    ) -> Result<bool, LedgerError> {
        let mut unit = self.begin().await?;
        let mut row = unit.agent(id).await?;
        if row.barred_at.is_some() || !unit.use_agent_challenge(challenge).await? {
            return Ok(false);
        }
        let waiting = unit.let_go(id, pace).await?;
        let turns = i64::try_from(waiting).unwrap_or(i64::MAX);
        row.proven_at = Some(unit.stored_now());
        row.challenged_at = None;
        row.paced_until =
            unit.stored_now().saturating_add(turns.saturating_mul(pace.num_microseconds().unwrap_or(0)));
        unit.save_agent(row).await?;
        let event = AuditEvent::new("agent-proven", Actor::Agent).with(json!({ "requests": waiting }));
        unit.audit_agent(id, event);
        unit.commit().await?;
        Ok(true)
    }

    /// Has another link mailed to an agent for whom requests wait. Returns whether any does.
    pub async fn ask_agent_again(&self, id: AgentId, by: Actor) -> Result<bool, LedgerError> {
        let mut unit = self.begin().await?;
        let mut row = unit.agent(id).await?;
        let waiting = unit.waiting_for_agent(id, Some(1)).await?;
        let Some(request) = waiting.first().copied().filter(|_| row.barred_at.is_none()) else {
            return Ok(false);
        };
        unit.ask_agent(RequestId::from_uuid(request));
        row.challenged_at = Some(unit.stored_now());
        unit.save_agent(row).await?;
        unit.audit_agent(id, AuditEvent::new("agent-asked-again", by));
        unit.commit().await?;
        Ok(true)
    }
}

impl Unit<'_> {
    /// Orders the mail that asks the agent of a request to show that their address is theirs.
    pub(crate) fn ask_agent(&mut self, request: RequestId) {
        self.work(&NewWork {
            kind: WorkKind::Challenge,
            request,
            job: None,
            target: self.ledger.ids().fresh::<WorkId>().uuid(),
            store: None,
            not_before: None,
        });
    }

    async fn use_agent_challenge(&self, challenge: Uuid) -> Result<bool, LedgerError> {
        let now = self.stored_now();
        let unended = Condition::any()
            .add(challenge::Column::LinkExpiresAt.gt(now))
            .add(challenge::Column::CodeExpiresAt.gt(now));
        let used = challenge::Entity::update_many()
            .col_expr(challenge::Column::UsedAt, Expr::value(now))
            .filter(challenge::Column::Id.eq(challenge))
            .filter(challenge::Column::Purpose.eq(Purpose::Agent.as_str()))
            .filter(challenge::Column::UsedAt.is_null())
            .filter(unended)
            .exec(&self.tx)
            .await?;
        Ok(used.rows_affected > 0)
    }

    /// The open requests that wait for this agent, in the order in which they came.
    async fn waiting_for_agent(&self, id: AgentId, limit: Option<u64>) -> Result<Vec<Uuid>, LedgerError> {
        Ok(request::Entity::find()
            .select_only()
            .column(request::Column::Id)
            .filter(request::Column::AgentId.eq(id.uuid()))
            .filter(request::Column::AgentWaits.eq(true))
            .filter(request::Column::State.eq(RequestState::AwaitingVerification.as_str()))
            .order_by_asc(request::Column::Id)
            .limit(limit)
            .into_tuple()
            .all(&self.tx)
            .await?)
    }

    /// Lets the requests go on that wait for this agent: the challenge of each person becomes due in its turn. Returns
    /// how many.
    async fn let_go(&mut self, id: AgentId, pace: TimeDelta) -> Result<u64, LedgerError> {
        let waiting = self.waiting_for_agent(id, None).await?;
        let Some(first) = waiting.first().copied() else { return Ok(0) };
        self.hold(waiting.iter().copied().map(RequestId::from_uuid)).await?;
        self.take_turns(id, pace).await?;
        request::Entity::update_many()
            .col_expr(request::Column::AgentWaits, Expr::value(false))
            .filter(among(request::Column::Id, waiting.iter().copied()))
            .exec(&self.tx)
            .await?;
        // Links that were to be mailed to the agent and are not yet: there is nothing left to show.
        work::Entity::update_many()
            .col_expr(work::Column::State, Expr::value(WorkState::Cancelled.as_str()))
            .col_expr(work::Column::FinishedAt, Expr::value(self.stored_now()))
            .col_expr(work::Column::LeaseUntil, Expr::value(Option::<i64>::None))
            .filter(among(work::Column::RequestId, waiting.iter().copied()))
            .filter(work::Column::Kind.eq(WorkKind::Challenge.as_str()))
            .filter(Expr::cust("target_id <> request_id"))
            .filter(work::Column::State.is_in([WorkState::Waiting.as_str(), WorkState::Running.as_str()]))
            .exec(&self.tx)
            .await?;
        let next = work::Entity::find()
            .filter(work::Column::TargetId.eq(first))
            .filter(work::Column::Kind.eq(WorkKind::Challenge.as_str()))
            .one(&self.tx)
            .await?;
        if let Some(next) = next {
            self.announce(&next, WorkKind::Challenge);
        }
        Ok(waiting.len() as u64)
    }

    /// One statement for all: each of them is due one `pace` after the one before.
    async fn take_turns(&self, id: AgentId, pace: TimeDelta) -> Result<(), LedgerError> {
        let sql = "UPDATE work SET next_attempt_at = $1 + placed.place * $2 FROM (SELECT id, \
                   ROW_NUMBER() OVER (ORDER BY request_id) - 1 AS place FROM work \
                   WHERE kind = 'challenge' AND target_id = request_id AND state = 'waiting' AND request_id IN \
                   (SELECT id FROM request WHERE agent_id = $3 AND agent_waits)) AS placed \
                   WHERE work.id = placed.id";
        let step = pace.num_microseconds().unwrap_or(0);
        let values: [Value; 3] = [self.stored_now().into(), step.into(), id.uuid().into()];
        self.tx.execute_raw(Statement::from_sql_and_values(self.backend(), sql, values)).await?;
        Ok(())
    }
}
