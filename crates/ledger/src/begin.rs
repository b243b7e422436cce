//! How an approved job begins: after those of its request that go first, after its warnings, and by a plan of now.
//!
//! Of one request copies come first, then corrections, then deletions: a copy shows what was held, and a deletion that ran
//! beside a correction would look for rows by an address that they bear no longer, and prove that there are none.

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
    /// Runs an approved job, or lets it wait for others of its request or for the grace after its warnings.
    pub(crate) async fn approved(
        &mut self,
        of: &request::Model,
        job: &mut job::Model,
        siblings: &[job::Model],
        by: Actor,
    ) -> Result<(), LedgerError> {
        let copy_first = self.waits_for_others(job, siblings).await?;
        let noticed = self.order_notice(of, job)?;
        let grace = noticed || self.waits_to_be_read(of, job)?;
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

    /// Whether a job waits for staff to read a reply, as if for a grace that is over once they have.
    fn waits_to_be_read(&self, of: &request::Model, job: &mut job::Model) -> Result<bool, LedgerError> {
        let halted = is_halted(of, job)?;
        if halted && job.grace.is_none() {
            job.grace_until = Some(self.stored_now());
        }
        Ok(halted)
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

    /// Whether others of the same request go before this job.
    async fn waits_for_others(&self, job: &job::Model, siblings: &[job::Model]) -> Result<bool, LedgerError> {
        match job_step::right(job)? {
            Right::Deletion => {
                Ok(any(siblings, goes_before_deletion)? || !self.copies_delivered(job, siblings).await?)
            }
            Right::Correction => any(siblings, goes_before_correction),
            _ => Ok(false),
        }
    }

    /// Whether every copy that this request asks for is with the person, or will never be. A copy counts as delivered when
    /// its job has ended with all of it and its mail is out and has not come back for good; otherwise when staff say so.
    async fn copies_delivered(
        &self,
        deletion: &job::Model,
        siblings: &[job::Model],
    ) -> Result<bool, LedgerError> {
        let confirmed = deletion.copy_confirmed_at.is_some();
        let mut told = Vec::new();
        for job in siblings {
            if !job_step::right(job)?.gives_a_copy() {
                continue;
            }
            match parse_opt::<Outcome>(job.outcome.as_deref(), "job", "outcome", job.id)? {
                None => return Ok(false),
                Some(Outcome::PartlyDone) if !confirmed => return Ok(false),
                Some(Outcome::Done) if !confirmed => told.push(told_of_end(job_step::id(job))),
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
            .filter(mail::Column::UndeliveredForGood.eq(false))
            .count(&self.tx)
            .await?;
        Ok(sent == copies)
    }

    /// Starts what waited for others of its request that are done now.
    pub(crate) async fn start_after_others(
        &mut self,
        of: &request::Model,
        jobs: &mut [job::Model],
    ) -> Result<(), LedgerError> {
        for at in 0..jobs.len() {
            let siblings = jobs.to_vec();
            let waits = |job: &&mut job::Model| job.state == JobState::AwaitingCopy.as_str();
            let Some(job) = jobs.get_mut(at).filter(waits) else { continue };
            if self.waits_for_others(job, &siblings).await? {
                continue;
            }
            let grace = self.is_in_grace(job).await? || self.waits_to_be_read(of, job)?;
            let event = JobEvent::CopyDelivered { grace };
            if grace {
                self.step(job, event, Actor::System)?;
            } else {
                self.begin(of, job, event, Actor::System)?;
            }
        }
        Ok(())
    }

    /// Begins those of a request's jobs whose grace is over, unless others have to go first after all. Returns of how many
    /// the grace is over.
    pub(crate) async fn start_if_grace_is_over(
        &mut self,
        of: &request::Model,
        jobs: &mut [job::Model],
    ) -> Result<u64, LedgerError> {
        let mut over = 0;
        for at in 0..jobs.len() {
            let waits = |job: &&mut job::Model| job.state == JobState::AwaitingGrace.as_str();
            let siblings = jobs.to_vec();
            let Some(job) = jobs.get_mut(at).filter(waits) else { continue };
            if is_halted(of, job)? || self.is_in_grace(job).await? {
                continue;
            }
            over += 1;
            if self.waits_for_others(job, &siblings).await? {
                self.step(job, JobEvent::OthersFirst, Actor::System)?;
            } else {
                self.begin(of, job, JobEvent::GraceOver, Actor::System)?;
            }
        }
        Ok(over)
    }

    /// A correction has changed what the plans of the same request went by.
    pub(crate) fn corrected(&mut self, siblings: &mut [job::Model]) -> Result<(), LedgerError> {
        for job in siblings.iter_mut().filter(|job| job.planned_at.is_some()) {
            if job_step::right(job)?.removes_data() && !has_begun(job_step::state(job)?) {
                job.planned_at = None;
                self.save(job);
            }
        }
        Ok(())
    }
}

/// Whether a reply that staff have yet to read halts this job: it would take data away for good.
fn is_halted(of: &request::Model, job: &job::Model) -> Result<bool, LedgerError> {
    Ok(of.halted_at.is_some() && job_step::right(job)?.removes_data())
}

fn any(
    siblings: &[job::Model],
    goes_first: impl Fn(Right, JobState, &job::Model) -> bool,
) -> Result<bool, LedgerError> {
    for job in siblings {
        if goes_first(job_step::right(job)?, job_step::state(job)?, job) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A correction that is agreed to or being made, or that staff have yet to agree to. One that waits for the person to
/// confirm a new address, or that cannot be planned, holds no deletion up: it comes after it, and finds nothing.
fn goes_before_deletion(right: Right, state: JobState, job: &job::Model) -> bool {
    let open = match state {
        JobState::AwaitingApproval => job.unconfirmed == 0,
        JobState::AwaitingCopy | JobState::Running | JobState::Stalled | JobState::Concluding => true,
        _ => false,
    };
    right == Right::Correction && open
}

/// A copy that is still to be made, and a deletion that has begun.
fn goes_before_correction(right: Right, state: JobState, _job: &job::Model) -> bool {
    right.gives_a_copy() && state != JobState::Ended || right.removes_data() && has_begun(state)
}

const fn has_begun(state: JobState) -> bool {
    matches!(state, JobState::Running | JobState::Stalled | JobState::HeldInPart | JobState::Concluding)
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
