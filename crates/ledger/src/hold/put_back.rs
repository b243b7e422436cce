//! How a job goes on when no hold stands in its way any more.

use habeas_domain::{
    Actor, HoldId, JobState, RequestId, RequestState, TypedId, WorkKind, WorkState, audit::AuditEvent,
    job::JobEvent,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use crate::{
    LedgerError,
    entity::{job, request, work},
    job_step,
    literal::work_is,
    unit::Unit,
};

impl Unit<'_> {
    /// Lets a job go on, under the lock of its request.
    pub(super) async fn go_on_after(
        &mut self,
        hold: HoldId,
        job: &mut job::Model,
        by: Actor,
    ) -> Result<(), LedgerError> {
        let detail = json!({ "hold": hold, "job": job_step::id(job) });
        let request = RequestId::from_uuid(job.request_id);
        self.audit(request, AuditEvent::new("hold-lifted", by).with(detail));
        self.release_deferred(job).await?;
        match job_step::state(job)? {
            JobState::Held => self.plan_anew(job, by).await,
            JobState::HeldInPart => {
                self.put_tasks_back(job).await?;
                self.step(job, JobEvent::HoldLifted, by)
            }
            JobState::Stalled if job.tasks_held > 0 => {
                self.put_tasks_back(job).await?;
                self.step(job, JobEvent::Requeued, by)
            }
            JobState::Running => self.put_tasks_back(job).await,
            _ => Ok(()),
        }
    }

    /// Nothing of it was done: what it would do is found out anew.
    async fn plan_anew(&mut self, job: &mut job::Model, by: Actor) -> Result<(), LedgerError> {
        work::Entity::delete_many()
            .filter(work::Column::JobId.eq(job.id))
            .filter(work::Column::Kind.eq(WorkKind::Task.as_str()))
            .filter(work_is(WorkState::Held))
            .exec(&self.tx)
            .await?;
        job.tasks_held = 0;
        job.grace_until = None;
        self.step(job, JobEvent::HoldLifted, by)?;
        let of = request::Entity::find_by_id(job.request_id).one(&self.tx).await?;
        // A request that stopped for review is resolved when that is cleared.
        if of.is_some_and(|of| of.state == RequestState::InProgress.as_str()) {
            self.resolve(RequestId::from_uuid(job.request_id));
        }
        Ok(())
    }

    async fn put_tasks_back(&mut self, job: &mut job::Model) -> Result<(), LedgerError> {
        let rows = work::Entity::update_many()
            .col_expr(work::Column::State, Expr::value(WorkState::Waiting.as_str()))
            .col_expr(work::Column::Attempts, Expr::value(0))
            .col_expr(work::Column::NextAttemptAt, Expr::value(0))
            .filter(work::Column::JobId.eq(job.id))
            .filter(work::Column::Kind.eq(WorkKind::Task.as_str()))
            .filter(work_is(WorkState::Held))
            .exec_with_returning(&self.tx)
            .await?;
        for row in &rows {
            self.announce(row, WorkKind::Task);
        }
        job.tasks_open = self.open_tasks(job).await?;
        job.tasks_held = 0;
        self.save(job);
        Ok(())
    }

    /// Deferred deletions are due when their keep rule ends, and not before.
    async fn release_deferred(&self, job: &job::Model) -> Result<(), LedgerError> {
        work::Entity::update_many()
            .col_expr(work::Column::State, Expr::value(WorkState::Waiting.as_str()))
            .col_expr(work::Column::Attempts, Expr::value(0))
            .filter(work::Column::JobId.eq(job.id))
            .filter(work::Column::Kind.eq(WorkKind::Deferred.as_str()))
            .filter(work_is(WorkState::Held))
            .exec(&self.tx)
            .await?;
        Ok(())
    }
}
