//! Stopping a job of which tasks are under way: the word of the person is recorded first and wins over every later try.
//!
//! What is in its store under a live lease goes on to its end, for nobody can call it back. Everything else is cancelled in
//! the same transaction, and a mark on the job keeps what is tried again, or claimed from a dead worker, from entering its
//! store. Where a task may have changed its store and told nobody, nothing is claimed: the conclusion reads the store again.

use std::collections::BTreeSet;

use habeas_domain::{Actor, JobState, RequestId, StoreName, TypedId, WorkKind, WorkState, job::JobEvent};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, Query, SimpleExpr},
};
use uuid::Uuid;

use crate::{
    Ledger, LedgerError,
    among::among,
    claim::Lease,
    clock,
    corrupt::parse,
    entity::{job, work},
    fence,
    literal::work_is,
    race::again_after_race,
    unit::Unit,
};

/// How far a job could still be stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// Nothing of it was begun.
    Whole,
    /// A part of it is done or may be: its conclusion finds out, and tells.
    InPart,
}

/// The job of this work was taken back.
fn is_taken_back() -> SimpleExpr {
    let column = |column| Expr::col((job::Entity, column));
    let taken = Query::select()
        .expr(Expr::value(1))
        .from(job::Entity)
        .and_where(column(job::Column::Id).eq(Expr::col((work::Entity, work::Column::JobId))))
        .and_where(column(job::Column::TakenBackAt).is_not_null())
        .to_owned();
    Expr::exists(taken)
}

/// Nobody took the job of this work back.
pub(crate) fn not_taken_back() -> SimpleExpr {
    is_taken_back().not()
}

impl Ledger {
    /// Ends work that was claimed and may not enter its store because its job was taken back.
    pub(crate) async fn let_go(&self, leases: &[Lease]) -> Result<(), LedgerError> {
        if leases.is_empty() {
            return Ok(());
        }
        let found =
            work::Entity::find().filter(fence::held(leases)).filter(is_taken_back()).all(self.db()).await?;
        if found.is_empty() {
            return Ok(());
        }
        let requests = || found.iter().map(|row| RequestId::from_uuid(row.request_id));
        let jobs: BTreeSet<Uuid> = found.iter().filter_map(|row| row.job_id).collect();
        again_after_race(|| async {
            let mut unit = self.begin().await?;
            unit.hold(requests()).await?;
            unit.cancel_under(leases).await?;
            unit.stop_taken_back(&jobs).await?;
            unit.commit().await
        })
        .await
    }

    /// The stores that a task of this job entered. Where such a task has not reported, the store may be changed all the same.
    pub async fn entered_stores(
        &self,
        job: habeas_domain::JobId,
    ) -> Result<BTreeSet<StoreName>, LedgerError> {
        let stores: Vec<(Uuid, String)> = work::Entity::find()
            .select_only()
            .column(work::Column::Id)
            .column(work::Column::Store)
            .filter(entered_tasks(job.uuid()))
            .into_tuple()
            .all(self.db())
            .await?;
        stores.iter().map(|(id, store)| parse(store, "work", "store", *id)).collect()
    }
}

fn entered_tasks(job: Uuid) -> Condition {
    Condition::all()
        .add(work::Column::JobId.eq(job))
        .add(work::Column::Kind.eq(WorkKind::Task.as_str()))
        .add(work::Column::Entered.eq(true))
}

impl Unit<'_> {
    /// Stops what of a job has tasks.
    pub(crate) async fn stop_tasks(
        &mut self,
        job: &mut job::Model,
        by: Actor,
    ) -> Result<Stopped, LedgerError> {
        self.cancel_tasks(job).await?;
        if job.tasks_open == 0 && !self.has_reports(job).await? && !self.has_entered(job).await? {
            return Ok(Stopped::Whole);
        }
        job.taken_back_at = Some(self.stored_now());
        self.conclude_taken_back(job, by).await?;
        Ok(Stopped::InPart)
    }

    /// Concludes a job that was taken back, once nothing of it is in a store any more.
    pub(crate) async fn conclude_taken_back(
        &mut self,
        job: &mut job::Model,
        by: Actor,
    ) -> Result<(), LedgerError> {
        if job.tasks_open > 0 {
            self.save(job);
            return Ok(());
        }
        self.cancel_parked(job).await?;
        self.step(job, JobEvent::TakenBack, by)?;
        self.conclude_later(job);
        Ok(())
    }

    /// Cancels what of jobs that were taken back waits to be tried again.
    pub(crate) async fn stop_taken_back(&mut self, jobs: &BTreeSet<Uuid>) -> Result<(), LedgerError> {
        if jobs.is_empty() {
            return Ok(());
        }
        let found = job::Entity::find()
            .filter(among(job::Column::Id, jobs.iter().copied()))
            .filter(job::Column::TakenBackAt.is_not_null())
            .filter(job::Column::State.eq(JobState::Running.as_str()))
            .all(&self.tx)
            .await?;
        for mut job in found {
            self.cancel_tasks(&mut job).await?;
            self.conclude_taken_back(&mut job, Actor::System).await?;
        }
        Ok(())
    }

    async fn cancel_under(&self, leases: &[Lease]) -> Result<(), LedgerError> {
        let held = Condition::all().add(fence::held(leases)).add(is_taken_back());
        self.cancel(held, Condition::all()).await
    }

    /// Whether a task of this job was in its store, and may have changed it.
    pub(crate) async fn has_entered(&self, job: &job::Model) -> Result<bool, LedgerError> {
        Ok(work::Entity::find().filter(entered_tasks(job.id)).one(&self.tx).await?.is_some())
    }

    /// Work that can be stopped: all that is not in its store at this moment. Whose lease ran out is there no longer.
    pub(crate) fn stoppable(&self) -> Condition {
        let now = Expr::cust(clock::now_sql(self.backend()));
        let lost = Expr::col((work::Entity, work::Column::LeaseUntil)).lt(now);
        let outside = Condition::any().add(work::Column::Entered.eq(false)).add(lost);
        [WorkState::Waiting, WorkState::Parked, WorkState::Held]
            .into_iter()
            .fold(Condition::any(), |any, state| any.add(work_is(state)))
            .add(Condition::all().add(work_is(WorkState::Running)).add(outside))
    }
}
