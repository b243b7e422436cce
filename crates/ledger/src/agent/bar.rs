//! Barring an agent: nothing is taken from them any more, and what was taken stops until staff have looked at it.

use habeas_domain::{
    Actor, AgentId, AgentReason, JobState, RequestId, RequestState, TypedId, audit::AuditEvent, job::JobEvent,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Query},
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Ledger, LedgerError,
    each::together_or_each,
    entity::{agent, job, request},
    race::again_after_race,
    review::ReviewCause,
    unit::Unit,
};

/// How many requests one transaction stops.
pub(super) const AT_ONCE: u64 = 200;

/// What staff read on a request that was stopped with its agent.
const STOPPED: &str = "its agent was barred; go on without the agent (drop-agent), refuse it, withdraw it, or take the agent again (agent unbar --resume)";

impl Ledger {
    /// Takes nothing from this agent any more. Their open requests stop: what has changed no store yet waits for staff
    /// ([`Ledger::drop_agent`], a refusal or a withdrawal), and their packages are closed. Returns whether that changed
    /// anything.
    pub async fn bar_agent(&self, id: AgentId, reason: AgentReason, by: Actor) -> Result<bool, LedgerError> {
        let barred = again_after_race(|| self.set_barred(id, Some(reason), reason, by)).await?;
        while self.stop_barred(AT_ONCE).await? > 0 {}
        Ok(barred)
    }

    /// Takes an agent's requests again. Those that were stopped stay so until staff say how they go on: all with
    /// [`Ledger::resume_agent`], or each by itself. Returns whether that changed anything.
    pub async fn unbar_agent(
        &self,
        id: AgentId,
        reason: AgentReason,
        by: Actor,
    ) -> Result<bool, LedgerError> {
        again_after_race(|| self.set_barred(id, None, reason, by)).await
    }

    async fn set_barred(
        &self,
        id: AgentId,
        barred: Option<AgentReason>,
        reason: AgentReason,
        by: Actor,
    ) -> Result<bool, LedgerError> {
        let mut unit = self.begin().await?;
        let mut row = unit.agent(id).await?;
        if row.barred_at.is_some() == barred.is_some() {
            return Ok(false);
        }
        row.barred_at = barred.map(|_| unit.stored_now());
        row.reason = Some(reason.to_string());
        if barred.is_some() {
            // Whoever is taken again shows anew that the address is theirs.
            row.proven_at = None;
            row.challenged_at = None;
        }
        unit.save_agent(row).await?;
        let event = if barred.is_some() { "agent-barred" } else { "agent-unbarred" };
        unit.audit_agent(id, AuditEvent::new(event, by).with(json!({ "reason": reason })));
        unit.commit().await?;
        Ok(true)
    }

    /// Stops up to `limit` open requests of barred agents. Returns how many. The housekeeper calls it too, so that a
    /// crash in the middle leaves none running.
    pub async fn stop_barred(&self, limit: u64) -> Result<u64, LedgerError> {
        again_after_race(|| self.stop_barred_once(limit)).await
    }

    async fn stop_barred_once(&self, limit: u64) -> Result<u64, LedgerError> {
        let barred = Query::select()
            .column(agent::Column::Id)
            .from(agent::Entity)
            .and_where(Expr::col(agent::Column::BarredAt).is_not_null())
            .to_owned();
        let going = Condition::all()
            .add(request::Column::AgentId.in_subquery(barred))
            .add(request::Column::ClosedAt.is_null())
            .add(request::Column::AgentStoppedAt.is_null())
            .add(request::Column::AgentEndedAt.is_null());
        let found: Vec<Uuid> = request::Entity::find()
            .select_only()
            .column(request::Column::Id)
            .filter(going)
            .order_by_asc(request::Column::Id)
            .limit(limit)
            .into_tuple()
            .all(self.db())
            .await?;
        let found = found.into_iter().map(RequestId::from_uuid).collect();
        together_or_each("stop what a barred agent asked", found, |found| self.stop_those(found)).await
    }

    async fn stop_those(&self, found: Vec<RequestId>) -> Result<u64, LedgerError> {
        let mut unit = self.begin().await?;
        let mut requests = unit.lock(found).await?;
        requests.retain(|_, row| {
            row.closed_at.is_none() && row.agent_stopped_at.is_none() && row.agent_ended_at.is_none()
        });
        let mut jobs = unit.jobs_of(requests.keys().copied()).await?;
        for row in requests.values_mut() {
            let id = row.id;
            let own = jobs.iter_mut().filter(|job| job.request_id == id);
            unit.stop_with_agent(row, own).await?;
        }
        unit.commit().await?;
        let stopped = requests.len() as u64;
        metrics::counter!("habeas_agent_requests_stopped_total").increment(stopped);
        tracing::warn!(stopped, "requests wait for staff: their agent was barred");
        Ok(stopped)
    }
}

impl Unit<'_> {
    async fn stop_with_agent(
        &mut self,
        row: &mut request::Model,
        jobs: impl Iterator<Item = &mut job::Model>,
    ) -> Result<(), LedgerError> {
        for job in jobs.filter(|job| job.ended_at.is_none()) {
            self.dispute_job(job).await?;
        }
        row.agent_stopped_at = Some(self.stored_now());
        row.ask_review_too(ReviewCause::AgentBarred, || STOPPED.to_owned());
        self.changes.request(row);
        let detail = json!({ "agent": row.agent_id });
        self.audit(
            RequestId::from_uuid(row.id),
            AuditEvent::new("agent-stopped", Actor::System).with(detail),
        );
        Ok(())
    }

    /// Lets a request go on that was stopped with its agent. Its jobs are planned and approved anew.
    pub(super) async fn go_on(
        &mut self,
        row: &mut request::Model,
        jobs: &mut [job::Model],
        by: Actor,
    ) -> Result<(), LedgerError> {
        if let Some(since) = row.agent_stopped_at.take() {
            // While it was stopped nobody could confirm it.
            row.lapse_at = row.lapse_at.saturating_add(Ord::max(self.stored_now() - since, 0));
        }
        row.end_review(ReviewCause::AgentBarred);
        if row.disputed_at.is_some() {
            return Ok(());
        }
        let stopped = JobState::Disputed.as_str();
        let mut again = false;
        for job in jobs.iter_mut().filter(|job| job.state == stopped) {
            self.clear_the_way(job).await?;
            self.step(job, JobEvent::DisputeDismissed, by)?;
            again = true;
        }
        // What stopped for review is resolved when that is cleared.
        if again && row.state != RequestState::AwaitingReview.as_str() {
            self.resolve(RequestId::from_uuid(row.id));
        }
        Ok(())
    }
}
