//! What a hold does to a job.

use std::collections::BTreeSet;

use habeas_domain::{
    Actor, HoldId, JobState, RequestId, TypedId, WorkKind, WorkState, audit::AuditEvent, job::JobEvent,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use serde_json::json;
use uuid::Uuid;

use super::{HoldPlaced, no_hold};
use crate::{
    Ledger, LedgerError,
    claim::Lease,
    entity::{job, job_hold, work},
    fence, job_step,
    literal::work_is,
    race::again_after_race,
    unit::Unit,
};

impl Ledger {
    /// Moves work that was claimed and may not enter its store for a hold to where it waits for the lift. What else could
    /// not enter has lost its lease or its job, and is left alone.
    pub(crate) async fn hold_back(&self, leases: &[Lease]) -> Result<(), LedgerError> {
        if leases.is_empty() {
            return Ok(());
        }
        let found =
            work::Entity::find().filter(fence::held(leases)).filter(no_hold().not()).all(self.db()).await?;
        if found.is_empty() {
            return Ok(());
        }
        let requests = || found.iter().map(|row| RequestId::from_uuid(row.request_id));
        again_after_race(|| async {
            let mut unit = self.begin().await?;
            unit.hold(requests()).await?;
            unit.move_to_held(leases).await?;
            unit.commit().await
        })
        .await
    }
}

impl Unit<'_> {
    /// Stops a job as far as it has not begun to change a store, under the lock of its request. What is being changed at
    /// this moment goes on to its end.
    pub(super) async fn stop_for(
        &mut self,
        hold: HoldId,
        job: &mut job::Model,
        by: Actor,
        placed: &mut HoldPlaced,
    ) -> Result<(), LedgerError> {
        let state = job_step::state(job)?;
        // The plan that is still to be made meets the hold.
        if matches!(state, JobState::AwaitingVerification | JobState::AwaitingPlan) {
            return Ok(());
        }
        if state == JobState::Ended && !self.has_deferred(job).await? {
            return Ok(());
        }
        self.note_hold(hold, job, None, by).await?;
        self.hold_tasks(job).await?;
        self.wait_for_lift(job, by).await?;
        let goes_on = state == JobState::Concluding || self.is_in_a_store(job).await?;
        let list = if goes_on { &mut placed.too_late } else { &mut placed.stopped };
        list.push(job_step::id(job));
        Ok(())
    }

    /// Notes that a hold stands in the way of a job, or of its task in one store alone.
    pub(crate) async fn note_hold(
        &mut self,
        hold: HoldId,
        job: &mut job::Model,
        only: Option<&str>,
        by: Actor,
    ) -> Result<(), LedgerError> {
        let whole = only.is_none();
        let row = job_hold::ActiveModel { job_id: Set(job.id), hold_id: Set(hold.uuid()), whole: Set(whole) };
        let mut once = OnConflict::columns([job_hold::Column::JobId, job_hold::Column::HoldId]);
        // What stands in the way of all of a job goes on to do so.
        let once = if whole { once.update_column(job_hold::Column::Whole) } else { once.do_nothing() };
        job_hold::Entity::insert(row).on_conflict(once.to_owned()).exec_without_returning(&self.tx).await?;
        job.held_at = Some(self.stored_now());
        self.save(job);
        let mut detail = json!({ "hold": hold, "job": job_step::id(job) });
        if let Some(store) = only {
            detail["store"] = json!(store);
        }
        self.audit(RequestId::from_uuid(job.request_id), AuditEvent::new("held", by).with(detail));
        Ok(())
    }

    /// Moves the tasks of a job, and its deferred deletions, to where nobody can claim or enter them, but for those that
    /// are in their store right now: a hold wins over every retry.
    async fn hold_tasks(&self, job: &mut job::Model) -> Result<(), LedgerError> {
        let stoppable = Condition::any()
            .add(work_is(WorkState::Waiting))
            .add(work_is(WorkState::Parked))
            .add(Condition::all().add(work_is(WorkState::Running)).add(work::Column::Entered.eq(false)));
        let kinds = [WorkKind::Task, WorkKind::Deferred].map(WorkKind::as_str);
        work::Entity::update_many()
            .col_expr(work::Column::State, Expr::value(WorkState::Held.as_str()))
            .col_expr(work::Column::LeaseUntil, Expr::value(Option::<i64>::None))
            .filter(work::Column::JobId.eq(job.id))
            .filter(work::Column::Kind.is_in(kinds))
            .filter(stoppable)
            .exec(&self.tx)
            .await?;
        job.tasks_parked = 0;
        self.count_held(job).await
    }

    /// Counts what of a job is stopped and what is not.
    pub(super) async fn count_held(&self, job: &mut job::Model) -> Result<(), LedgerError> {
        job.tasks_open = self.open_tasks(job).await?;
        let held = work_of(job, WorkKind::Task).filter(work_is(WorkState::Held)).count(&self.tx).await?;
        job.tasks_held = i64::try_from(held).unwrap_or(i64::MAX);
        Ok(())
    }

    /// Moves a job of which nothing runs any more to where it waits for the hold to be lifted.
    pub(super) async fn wait_for_lift(&mut self, job: &mut job::Model, by: Actor) -> Result<(), LedgerError> {
        let event = match job_step::state(job)? {
            JobState::AwaitingApproval | JobState::AwaitingCopy | JobState::AwaitingGrace => JobEvent::Held,
            JobState::Running if job.tasks_open == 0 && job.tasks_parked > 0 => JobEvent::TasksStalled,
            JobState::Running | JobState::Stalled if job.tasks_open == 0 && job.tasks_held > 0 => {
                let begun = self.has_reports(job).await? || self.has_entered(job).await?;
                if begun { JobEvent::HeldInPart } else { JobEvent::Held }
            }
            _ => {
                self.save(job);
                return Ok(());
            }
        };
        self.step(job, event, by)
    }

    /// Moves work that was claimed and could not enter its store for a hold to where it waits for the lift.
    async fn move_to_held(&mut self, leases: &[Lease]) -> Result<(), LedgerError> {
        let rows = work::Entity::update_many()
            .col_expr(work::Column::State, Expr::value(WorkState::Held.as_str()))
            .col_expr(work::Column::LeaseUntil, Expr::value(Option::<i64>::None))
            .filter(fence::held(leases))
            .filter(no_hold().not())
            .exec_with_returning(&self.tx)
            .await?;
        let jobs: BTreeSet<Uuid> = rows.iter().filter_map(|row| row.job_id).collect();
        for mut job in job::Entity::find().filter(job::Column::Id.is_in(jobs)).all(&self.tx).await? {
            self.count_held(&mut job).await?;
            self.wait_for_lift(&mut job, Actor::System).await?;
        }
        Ok(())
    }

    /// Whether deletions of this job are put off until a keep rule ends.
    async fn has_deferred(&self, job: &job::Model) -> Result<bool, LedgerError> {
        let states = [WorkState::Waiting, WorkState::Running, WorkState::Parked, WorkState::Held];
        let open = work_of(job, WorkKind::Deferred)
            .filter(work::Column::State.is_in(states.map(WorkState::as_str)))
            .one(&self.tx)
            .await?;
        Ok(open.is_some())
    }

    /// Whether a task of this job, or the deferred rest of one, is in its store right now.
    async fn is_in_a_store(&self, job: &job::Model) -> Result<bool, LedgerError> {
        let running = work::Entity::find()
            .filter(work::Column::JobId.eq(job.id))
            .filter(work_is(WorkState::Running))
            .filter(work::Column::Entered.eq(true))
            .one(&self.tx)
            .await?;
        Ok(running.is_some())
    }
}

fn work_of(job: &job::Model, kind: WorkKind) -> sea_orm::Select<work::Entity> {
    work::Entity::find().filter(work::Column::JobId.eq(job.id)).filter(work::Column::Kind.eq(kind.as_str()))
}
