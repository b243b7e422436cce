use std::time::Duration;

use habeas_domain::{
    Actor, Letter, RequestId, RequestState, Right, TypedId, audit::AuditEvent, job::JobEvent,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;

use crate::{Ledger, LedgerError, clock, entity::request, job_step, sealed::OpenRequest};

/// An open request that is near its legal date or past it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearDue {
    /// Which request.
    pub request: RequestId,
    /// What it waits for.
    pub state: RequestState,
    /// The end of its last day.
    pub due_at: chrono::DateTime<chrono::Utc>,
}

impl Ledger {
    /// Closes up to `limit` requests that nobody confirmed in time. Returns how many.
    pub async fn lapse_unverified(&self, limit: u64) -> Result<u64, LedgerError> {
        let now = clock::stored(self.ids().now());
        let due = request::Entity::find()
            .filter(crate::literal::request_is(RequestState::AwaitingVerification))
            .filter(request::Column::LapseAt.lte(now))
            .limit(limit)
            .all(self.db())
            .await?;
        if due.is_empty() {
            return Ok(0);
        }
        let mut unit = self.begin().await?;
        let mut requests = unit.lock(due.iter().map(|row| RequestId::from_uuid(row.id))).await?;
        requests.retain(|_, row| row.state == RequestState::AwaitingVerification.as_str());
        let demanding = requests.values().filter(|row| row.verification.is_some()).map(|row| row.id);
        let demanding: Vec<_> = demanding.collect();
        if !demanding.is_empty() {
            unit.drop_steps(demanding).await?;
        }
        for (id, row) in &mut requests {
            let mut jobs = unit.jobs_of([*id]).await?;
            for job in jobs.iter_mut().filter(|job| job.ended_at.is_none()) {
                unit.step(job, JobEvent::Lapsed, Actor::System)?;
            }
            // Whoever was never written to, because the agent who asked never showed who they are, is not told of the end.
            if !row.agent_waits {
                let rights = jobs.iter().map(job_step::right).collect::<Result<Vec<Right>, _>>()?;
                let open = OpenRequest::open(self.vault(), row)?;
                unit.mail(row, None, open.address(), &Letter::Lapsed { rights }, format!("{id}/lapsed"))?;
            }
            unit.close_if_ended(row, &jobs, Actor::System).await?;
        }
        unit.commit().await?;
        Ok(requests.len() as u64)
    }

    /// Open requests whose last day ends within `ahead`, whatever state they are in, that were not reported yet
    /// for this due date. Reporting is recorded in the audit trail, so that nothing runs past its date in silence.
    pub async fn report_near_due(&self, ahead: Duration, limit: u64) -> Result<Vec<NearDue>, LedgerError> {
        let horizon = clock::stored(self.ids().now()) + clock::micros(ahead);
        let due = request::Entity::find()
            .filter(request::Column::ClosedAt.is_null())
            .filter(request::Column::DueAt.lte(horizon))
            .filter(request::Column::Alerts.eq(0))
            .order_by_asc(request::Column::DueAt)
            .limit(limit)
            .all(self.db())
            .await?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let mut unit = self.begin().await?;
        let requests = unit.lock(due.iter().map(|row| RequestId::from_uuid(row.id))).await?;
        let mut reported = Vec::with_capacity(requests.len());
        for (id, row) in requests.iter().filter(|(_, row)| row.closed_at.is_none() && row.alerts == 0) {
            let changes = request::ActiveModel {
                id: Unchanged(row.id),
                alerts: Set(row.alerts + 1),
                ..Default::default()
            };
            changes.update(&unit.tx).await?;
            let event = AuditEvent::new("near-due", Actor::System)
                .with(json!({ "due_on": row.due_on, "state": row.state }));
            unit.audit(*id, event);
            reported.push(NearDue {
                request: *id,
                state: crate::corrupt::parse(&row.state, "request", "state", row.id)?,
                due_at: clock::moment(row.due_at),
            });
        }
        unit.commit().await?;
        Ok(reported)
    }
}
