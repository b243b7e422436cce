//! The one place where a job moves and a request closes. Everything that ends, starts or stops a job goes
//! through here, so that counters, sibling jobs and audit entries can never disagree.

use habeas_domain::{
    Actor, JobId, JobState, Outcome, RequestId, RequestState, Right, TypedId, WorkKind, WorkState,
    audit::AuditEvent,
    job::{JobEvent, JobStep},
    request::RequestEvent,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use crate::{
    LedgerError,
    corrupt::{parse, parse_opt},
    entity::{job, request, work},
    literal::{UNSETTLED, work_is},
    plan::JobPlan,
    sealed,
    unit::{NewWork, Unit},
};

pub(crate) fn id(job: &job::Model) -> JobId {
    JobId::from_uuid(job.id)
}

pub(crate) fn state(job: &job::Model) -> Result<JobState, LedgerError> {
    parse(&job.state, "job", "state", job.id)
}

pub(crate) fn right(job: &job::Model) -> Result<Right, LedgerError> {
    parse(&job.right, "job", "right", job.id)
}

/// Whether a job in this state may have tasks that have not settled.
pub(crate) const fn has_tasks(state: JobState) -> bool {
    matches!(state, JobState::Running | JobState::Stalled | JobState::Held | JobState::HeldInPart)
}

impl Unit<'_> {
    /// Moves a job in memory, and has it written with the rest of the unit.
    pub(crate) fn step(
        &mut self,
        job: &mut job::Model,
        event: JobEvent,
        by: Actor,
    ) -> Result<(), LedgerError> {
        let JobStep { state: next, outcome } = state(job)?.after(event)?;
        next.as_str().clone_into(&mut job.state);
        job.outcome = outcome.map(|outcome| outcome.as_str().to_owned());
        if next == JobState::Running && job.started_at.is_none() {
            job.started_at = Some(self.stored_now());
        }
        if outcome.is_some() {
            job.ended_at = Some(self.stored_now());
        }
        self.save(job);
        let detail = json!({ "job": id(job), "right": job.right, "state": next, "outcome": outcome });
        let request = RequestId::from_uuid(job.request_id);
        self.audit(request, AuditEvent::new("job-moved", by).with(detail));
        Ok(())
    }

    /// Has a job written with the rest of the unit.
    pub(crate) fn save(&mut self, job: &job::Model) {
        self.changes.job(job);
    }

    pub(crate) fn plan_of(&self, of: &request::Model, job: &job::Model) -> Result<JobPlan, LedgerError> {
        let key = sealed::key(self.ledger.vault(), of)?;
        let sealed_plan = job.plan.as_deref().ok_or(LedgerError::NotFound("plan"))?;
        let plan = self.ledger.vault().open_json::<JobPlan>(&key, &sealed::plan(id(job)), sealed_plan)?;
        Ok(plan.into_inner())
    }

    /// Orders the work that makes package, receipt and mail.
    pub(crate) fn conclude_later(&mut self, job: &job::Model) {
        self.work(&NewWork {
            kind: WorkKind::Conclude,
            request: RequestId::from_uuid(job.request_id),
            job: Some(id(job)),
            target: job.id,
            store: None,
            not_before: None,
        });
    }

    /// Closes the request if all of its jobs have ended, and otherwise saves how many are open.
    pub(crate) async fn close_if_ended(
        &mut self,
        of: &mut request::Model,
        jobs: &[job::Model],
        by: Actor,
    ) -> Result<(), LedgerError> {
        let mut outcomes = Vec::with_capacity(jobs.len());
        for job in jobs {
            outcomes.extend(parse_opt::<Outcome>(job.outcome.as_deref(), "job", "outcome", job.id)?);
        }
        let open = jobs.len() - outcomes.len();
        of.jobs_open = i64::try_from(open).unwrap_or(i64::MAX);
        if open == 0 {
            let outcome = Outcome::of_request(&outcomes);
            let state: RequestState = parse(&of.state, "request", "state", of.id)?;
            if state != RequestState::InProgress {
                self.cancel_beginnings(of).await?;
            }
            state.after(RequestEvent::AllJobsEnded)?.as_str().clone_into(&mut of.state);
            of.outcome = Some(outcome.as_str().to_owned());
            of.closed_at = Some(self.stored_now());
            self.end_papers(of, None, "closed").await?;
            let event = AuditEvent::new("closed", by).with(json!({ "outcome": outcome }));
            self.audit(RequestId::from_uuid(of.id), event);
        }
        self.changes.request(of);
        Ok(())
    }

    /// Cancels what a withdrawn job has queued, deferred deletions and parked and held tasks with it, so that nothing can
    /// put them back. Tasks that are in their store at this moment are left alone and stay counted.
    pub(crate) async fn cancel_tasks(&self, job: &mut job::Model) -> Result<(), LedgerError> {
        let kinds = [WorkKind::Task, WorkKind::Deferred].map(WorkKind::as_str);
        let tasks = work::Column::JobId.eq(job.id).and(work::Column::Kind.is_in(kinds));
        self.cancel(tasks, self.stoppable()).await?;
        job.tasks_open = self.open_tasks(job).await?;
        job.tasks_parked = 0;
        job.tasks_held = 0;
        Ok(())
    }

    /// Gives up the parked tasks of a job, and those that a hold has stopped. What its finished tasks deferred stays.
    pub(crate) async fn cancel_parked(&self, job: &mut job::Model) -> Result<(), LedgerError> {
        let tasks = work::Column::JobId.eq(job.id).and(work::Column::Kind.eq(WorkKind::Task.as_str()));
        let stopped = Condition::any().add(work_is(WorkState::Parked)).add(work_is(WorkState::Held));
        self.cancel(tasks, stopped).await?;
        job.tasks_parked = 0;
        job.tasks_held = 0;
        Ok(())
    }

    /// Cancels the work of a request that closed before it was fulfilled: nobody is looked up or challenged any more.
    pub(crate) async fn cancel_beginnings(&self, of: &request::Model) -> Result<(), LedgerError> {
        let kinds = [WorkKind::Challenge, WorkKind::Resolve, WorkKind::LookUp].map(WorkKind::as_str);
        let beginnings = work::Column::RequestId.eq(of.id).and(work::Column::Kind.is_in(kinds));
        let unsettled = UNSETTLED.into_iter().fold(Condition::any(), |any, state| any.add(work_is(state)));
        self.cancel(beginnings, unsettled).await
    }

    pub(crate) async fn cancel(
        &self,
        which: impl sea_orm::sea_query::IntoCondition,
        states: Condition,
    ) -> Result<(), LedgerError> {
        work::Entity::update_many()
            .col_expr(work::Column::State, Expr::value(WorkState::Cancelled.as_str()))
            .col_expr(work::Column::FinishedAt, Expr::value(self.stored_now()))
            .col_expr(work::Column::LeaseUntil, Expr::value(Option::<i64>::None))
            .filter(which)
            .filter(states)
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// How many tasks of a job have not settled.
    pub(crate) async fn open_tasks(&self, job: &job::Model) -> Result<i64, LedgerError> {
        let open = work::Entity::find()
            .filter(work::Column::JobId.eq(job.id))
            .filter(work::Column::Kind.eq(WorkKind::Task.as_str()))
            .filter(work::Column::State.is_in(OPEN))
            .count(&self.tx)
            .await?;
        Ok(i64::try_from(open).unwrap_or(i64::MAX))
    }
}

const OPEN: [&str; 2] = [WorkState::Waiting.as_str(), WorkState::Running.as_str()];

/// What names the one mail that tells how a job ended.
pub(crate) fn told_of_end(job: JobId) -> String {
    format!("{job}/ended")
}
