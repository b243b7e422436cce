use habeas_domain::{
    Actor, IllegalTransition, JobId, JobState, TypedId, WorkKind, audit::AuditEvent, job::JobEvent,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use crate::{
    Ledger, LedgerError,
    entity::{job, work},
    job_step,
    unit::Unit,
};

impl Ledger {
    /// Takes back the plan of a job that has changed nothing yet, because the manifests or the keys changed since, and orders a
    /// new resolve. Approvals of the plan before no longer count, unless the new one turns out the same. A job that has stalled
    /// is planned anew as long as none of its tasks has been in its store.
    pub async fn replan(&self, job: JobId, by: Actor) -> Result<(), LedgerError> {
        let request = self.request_of(job).await?;
        let mut unit = self.begin().await?;
        unit.lock([request]).await?;
        let mut jobs = unit.jobs_of([request]).await?;
        let wanted = jobs.iter_mut().find(|one| one.id == job.uuid()).ok_or(LedgerError::NotFound("job"))?;
        if job_step::state(wanted)? == JobState::Stalled {
            unit.drop_stalled(wanted).await?;
        }
        wanted.grace_until = None;
        unit.step(wanted, JobEvent::PlanChanged, by)?;
        unit.audit(request, AuditEvent::new("plan-withdrawn", by).with(json!({ "job": job })));
        unit.resolve(request);
        unit.commit().await
    }
}

impl Unit<'_> {
    /// Takes the tasks of a stalled job away, none of which may have begun: what was done cannot be planned anew.
    async fn drop_stalled(&self, job: &mut job::Model) -> Result<(), LedgerError> {
        if self.has_reports(job).await? || self.has_entered(job).await? {
            let begun = "stalled after a part of it was done";
            return Err(IllegalTransition { machine: "job", state: begun, event: "planning again" }.into());
        }
        work::Entity::delete_many()
            .filter(work::Column::JobId.eq(job.id))
            .filter(work::Column::Kind.eq(WorkKind::Task.as_str()))
            .exec(&self.tx)
            .await?;
        (job.tasks_open, job.tasks_parked, job.tasks_held) = (0, 0, 0);
        Ok(())
    }
}
