//! How an approved job begins: after the copies that its request asks for, after its warnings, and by a plan of now.

use chrono::TimeDelta;
use habeas_domain::{
    Actor, JobState, Outcome, RequestId, Right, StoreName, TypedId, WorkKind, job::JobEvent,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use crate::{
    LedgerError, clock,
    corrupt::parse_opt,
    entity::{job, mail, request},
    job_step::{self, told_of_end},
    mail::MailState,
    unit::{NewWork, Unit},
};

/// For how long a plan is taken for what the stores hold. Whatever waits longer than this waited for people, a mail or the
/// grace: by then the person may have ordered again, or have written to a store that held nothing of theirs.
const PLAN_HOLDS: TimeDelta = TimeDelta::minutes(5);

impl Unit<'_> {
    /// Runs an approved job, or lets it wait for the person's copy or for the grace after its warnings.
    pub(crate) async fn approved(
        &mut self,
        of: &request::Model,
        job: &mut job::Model,
        siblings: &[job::Model],
        by: Actor,
    ) -> Result<(), LedgerError> {
        let copy_first = job_step::right(job)? == Right::Deletion && !self.copies_delivered(siblings).await?;
        // Who was warned and did not object is not warned of the same deletion again.
        let grace = !self.has_had_grace(job) && self.order_notice(of, job)?;
        let event = JobEvent::Approved { copy_first, grace };
        if copy_first || grace { self.step(job, event, by) } else { self.begin(of, job, event, by) }
    }

    /// Begins a job that waits for nothing more. One that takes data away begins by a plan of now: where its own is older it
    /// is planned anew, and comes back here. Otherwise what came meanwhile would stay, and be proven gone.
    pub(crate) fn begin(
        &mut self,
        of: &request::Model,
        job: &mut job::Model,
        event: JobEvent,
        by: Actor,
    ) -> Result<(), LedgerError> {
        if job_step::right(job)?.removes_data() && self.plan_is_old(job) {
            self.step(job, JobEvent::PlanChanged, by)?;
            self.resolve(RequestId::from_uuid(of.id));
            return Ok(());
        }
        self.start_tasks(of, job)?;
        self.step(job, event, by)
    }

    fn plan_is_old(&self, job: &job::Model) -> bool {
        job.planned_at.is_none_or(|at| clock::moment(at) + PLAN_HOLDS < self.now)
    }

    /// One task per store of the plan; with none, straight to the conclusion.
    fn start_tasks(&mut self, of: &request::Model, job: &mut job::Model) -> Result<(), LedgerError> {
        let plan = self.plan_of(of, job)?;
        job.tasks_open = i64::try_from(plan.stores.len()).unwrap_or(i64::MAX);
        for store in plan.stores {
            self.work(&task(job, store));
        }
        Ok(())
    }

    /// Whether every copy that this request asks for is with the person, or will never be. A copy counts as
    /// delivered when its job has ended and its mail is out.
    async fn copies_delivered(&self, siblings: &[job::Model]) -> Result<bool, LedgerError> {
        let mut told = Vec::new();
        for job in siblings {
            if !job_step::right(job)?.gives_a_copy() {
                continue;
            }
            match parse_opt::<Outcome>(job.outcome.as_deref(), "job", "outcome", job.id)? {
                None => return Ok(false),
                Some(Outcome::Done | Outcome::PartlyDone) => told.push(told_of_end(job_step::id(job))),
                Some(_) => {}
            }
        }
        if told.is_empty() {
            return Ok(true);
        }
        let copies = told.len() as u64;
        let sent = mail::Entity::find()
            .filter(mail::Column::Dedupe.is_in(told))
            .filter(mail::Column::State.eq(MailState::Sent.as_str()))
            .count(&self.tx)
            .await?;
        Ok(sent == copies)
    }

    /// Starts the deletions that waited for a copy which is now delivered.
    pub(crate) async fn start_after_copy(
        &mut self,
        of: &request::Model,
        jobs: &mut [job::Model],
    ) -> Result<(), LedgerError> {
        let waiting = jobs.iter().any(|job| job.state == JobState::AwaitingCopy.as_str());
        if !waiting || !self.copies_delivered(jobs).await? {
            return Ok(());
        }
        for job in jobs.iter_mut().filter(|job| job.state == JobState::AwaitingCopy.as_str()) {
            let grace = self.is_in_grace(job);
            let event = JobEvent::CopyDelivered { grace };
            if grace {
                self.step(job, event, Actor::System)?;
            } else {
                self.begin(of, job, event, Actor::System)?;
            }
        }
        Ok(())
    }
}

fn task(job: &job::Model, store: StoreName) -> NewWork {
    NewWork {
        kind: WorkKind::Task,
        request: RequestId::from_uuid(job.request_id),
        job: Some(job_step::id(job)),
        target: job.id,
        store: Some(store),
        not_before: None,
    }
}
