use habeas_domain::{
    Actor, IllegalTransition, JobId, JobState, RequestId, RequestState, TypedId, WorkKind, audit::AuditEvent,
    job::JobEvent,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter};
use serde_json::json;

use crate::{
    Ledger, LedgerError,
    entity::{job, work},
    job_step,
    literal::{UNSETTLED, work_is},
    unit::Unit,
};

impl Ledger {
    /// Takes back the plan of a job that has changed nothing yet, because the manifests or the keys changed since, and orders a
    /// new resolve that knows nothing of it: a key that was wrong in it is not found again. Approvals of the plan before no
    /// longer count, unless the new one turns out the same. A job that has stalled is planned anew as long as none of its tasks
    /// has been in its store, and one whose new plan could not be made is tried again.
    pub async fn replan(&self, job: JobId, by: Actor) -> Result<(), LedgerError> {
        let request = self.request_of(job).await?;
        let mut unit = self.begin().await?;
        let requests = unit.lock([request]).await?;
        let row = requests.get(&request).ok_or(LedgerError::NotFound("request"))?;
        if row.state == RequestState::AwaitingReview.as_str() {
            let (state, event) = (RequestState::AwaitingReview.as_str(), "planning again");
            return Err(IllegalTransition { machine: "request", state, event }.into());
        }
        let mut jobs = unit.jobs_of([request]).await?;
        let wanted = jobs.iter_mut().find(|one| one.id == job.uuid()).ok_or(LedgerError::NotFound("job"))?;
        if job_step::state(wanted)? == JobState::Stalled {
            unit.drop_stalled(wanted).await?;
        }
        wanted.grace_until = None;
        unit.withdraw_plan(wanted).await?;
        unit.step(wanted, JobEvent::PlanChanged, by)?;
        unit.cancel_resolve(request).await?;
        unit.audit(request, AuditEvent::new("plan-withdrawn", by).with(json!({ "job": job })));
        unit.resolve(request);
        unit.commit().await
    }
}

impl Unit<'_> {
    /// Takes the tasks of a stalled job away, none of which may have begun: what was done cannot be planned anew.
    async fn drop_stalled(&self, job: &mut job::Model) -> Result<(), LedgerError> {
        if self.has_begun(job).await? {
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

    /// Withdraws the plan of a job, so that the next one begins with what the person proved alone. Only by its plan are the
    /// rows found that a begun job has yet to change: that one keeps it.
    pub(crate) async fn withdraw_plan(&self, job: &mut job::Model) -> Result<(), LedgerError> {
        job.plan_withdrawn = job.plan.is_some() && !self.has_begun(job).await?;
        Ok(())
    }

    /// Gives up the resolve that is under way or was tried too often: what it began with is withdrawn, and another is ordered.
    async fn cancel_resolve(&self, request: RequestId) -> Result<(), LedgerError> {
        let resolve =
            work::Column::RequestId.eq(request.uuid()).and(work::Column::Kind.eq(WorkKind::Resolve.as_str()));
        let unsettled = UNSETTLED.into_iter().fold(Condition::any(), |any, state| any.add(work_is(state)));
        self.cancel(resolve, unsettled).await
    }

    /// Whether a task of it is done, or was in its store and may have changed it.
    async fn has_begun(&self, job: &job::Model) -> Result<bool, LedgerError> {
        Ok(self.has_reports(job).await? || self.has_entered(job).await?)
    }
}
