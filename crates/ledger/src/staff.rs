use chrono::NaiveDate;
use habeas_domain::{
    Actor, Deadline, ExtensionReason, JobId, JobState, Letter, Outcome, RequestId, RequestState, TypedId,
    audit::AuditEvent,
    job::JobEvent,
    letter::{JobReport, Refusal},
    request::RequestEvent,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
};
use serde_json::json;

use crate::{
    Ledger, LedgerError, clock,
    corrupt::parse,
    entity::{job, request},
    job_step,
    sealed::OpenRequest,
    take_back::Stopped,
    unit::Unit,
};

/// What a withdrawal reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Withdrawn {
    /// The jobs that ended by it.
    pub ended: Vec<JobId>,
    /// The jobs that had changed a store, may have, or were changing one at that moment: what is gone cannot be brought back.
    /// Nothing more is begun, and their letter says what was done and what was not.
    pub too_late: Vec<JobId>,
}

impl Ledger {
    /// Refuses one job, with a reason that its regime allows. The person is told, if they know of the request.
    pub async fn refuse(&self, job: JobId, refusal: Refusal, by: Actor) -> Result<(), LedgerError> {
        let request = self.request_of(job).await?;
        let mut unit = self.begin().await?;
        let mut requests = unit.lock([request]).await?;
        let row = requests.get_mut(&request).ok_or(LedgerError::NotFound("request"))?;
        let mut jobs = unit.jobs_of([request]).await?;
        let wanted = jobs.iter_mut().find(|one| one.id == job.uuid()).ok_or(LedgerError::NotFound("job"))?;
        let detail = json!({ "job": job, "article": refusal.article });
        let held = job_step::state(wanted)? == JobState::Held;
        unit.step(wanted, JobEvent::Refused, by)?;
        if held {
            unit.cancel_tasks(wanted).await?;
            unit.save(wanted);
        }
        unit.audit(request, AuditEvent::new("refused", by).with(detail));
        if unit.person_knows(row).await? {
            unit.tell_end(row, wanted, Some(refusal))?;
        }
        unit.start_after_others(row, &mut jobs).await?;
        unit.close_if_ended(row, &jobs, by).await?;
        unit.commit().await
    }

    /// Moves the last day for an answer, and the alarm with it. The caller has checked that the regime allows it. The
    /// person is told.
    pub async fn extend(
        &self,
        request: RequestId,
        deadline: &Deadline,
        reason: &ExtensionReason,
        by: Actor,
    ) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        let requests = unit.lock([request]).await?;
        let row = requests.get(&request).ok_or(LedgerError::NotFound("request"))?;
        let state: RequestState = parse(&row.state, "request", "state", row.id)?;
        if state == RequestState::Closed {
            state.after(RequestEvent::AllJobsEnded)?;
        }
        let from: NaiveDate = parse(&row.due_on, "request", "due_on", row.id)?;
        let changes = request::ActiveModel {
            id: Unchanged(row.id),
            due_on: Set(deadline.due_on.to_string()),
            due_at: Set(clock::stored(deadline.due_at)),
            alert_on: Set(Some(deadline.alert_on.to_string())),
            alert_at: Set(Some(clock::stored(deadline.alert_at))),
            extensions: Set(row.extensions + 1),
            alerts: Set(0),
            ..Default::default()
        };
        changes.update(&unit.tx).await?;
        let open = OpenRequest::open(self.vault(), row)?;
        let to = deadline.due_on;
        let letter = Letter::DueDateChanged { from, to, reason: reason.to_string() };
        unit.mail(row, None, open.address(), &letter, format!("{request}/due/{}", row.extensions + 1))?;
        unit.audit(request, AuditEvent::new("extended", by).with(json!({ "from": from, "to": to })));
        unit.commit().await
    }

    /// Takes a request back. Recorded first, so that it wins over any later retry. The person is told, if they know of the
    /// request: of one whose agent never showed that their address is theirs they do not.
    pub async fn withdraw(&self, request: RequestId, by: Actor) -> Result<Withdrawn, LedgerError> {
        let mut unit = self.begin().await?;
        let mut requests = unit.lock([request]).await?;
        let row = requests.get_mut(&request).ok_or(LedgerError::NotFound("request"))?;
        let mut jobs = unit.jobs_of([request]).await?;
        let mut result = Withdrawn::default();
        for job in jobs.iter_mut().filter(|job| job.ended_at.is_none()) {
            if unit.withdraw_job(row, job, by).await? {
                result.ended.push(job_step::id(job));
            } else {
                result.too_late.push(job_step::id(job));
            }
        }
        unit.audit(request, AuditEvent::new("withdrawn", by).with(json!({ "too_late": result.too_late })));
        unit.close_if_ended(row, &jobs, by).await?;
        unit.commit().await?;
        Ok(result)
    }

    /// Ends a job that has stalled, or is held in part, with what was done; what was not is named in the letter.
    pub async fn accept_part(&self, job: JobId, by: Actor) -> Result<(), LedgerError> {
        let request = self.request_of(job).await?;
        let mut unit = self.begin().await?;
        unit.lock([request]).await?;
        let mut jobs = unit.jobs_of([request]).await?;
        let wanted = jobs.iter_mut().find(|one| one.id == job.uuid()).ok_or(LedgerError::NotFound("job"))?;
        unit.cancel_parked(wanted).await?;
        unit.step(wanted, JobEvent::PartAccepted, by)?;
        unit.conclude_later(wanted);
        unit.commit().await
    }

    /// Sends a request that stopped for review back to its resolve, without a decision about what it stopped at: where that is
    /// still there it stops again, and is decided anew. What earlier plans of it had found is looked for anew.
    pub async fn clear_review(&self, request: RequestId, by: Actor) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        let requests = unit.lock([request]).await?;
        let row = requests.get(&request).ok_or(LedgerError::NotFound("request"))?;
        unit.leave_review(row).await?;
        unit.drop_open_findings(row.id).await?;
        unit.audit(request, AuditEvent::new("review-cleared", by));
        unit.commit().await
    }
}

impl Unit<'_> {
    /// Has a request that stopped for review resolved again, beginning with what the person proved alone.
    pub(crate) async fn leave_review(&mut self, row: &request::Model) -> Result<(), LedgerError> {
        let request = RequestId::from_uuid(row.id);
        let state: RequestState = parse(&row.state, "request", "state", row.id)?;
        let changes = request::ActiveModel {
            id: Unchanged(row.id),
            state: Set(state.after(RequestEvent::ReviewCleared)?.as_str().to_owned()),
            review_reason: Set(None),
            review_cause: Set(None),
            ..Default::default()
        };
        changes.update(&self.tx).await?;
        let mut jobs = self.jobs_of([request]).await?;
        for job in jobs.iter_mut().filter(|job| job.state == JobState::AwaitingPlan.as_str()) {
            self.withdraw_plan(job).await?;
            self.save(job);
        }
        self.resolve(request);
        Ok(())
    }

    /// Returns false if it has changed a store, may have, or is changing one right now: nothing more of it is begun.
    async fn withdraw_job(
        &mut self,
        row: &request::Model,
        job: &mut job::Model,
        by: Actor,
    ) -> Result<bool, LedgerError> {
        let state = job_step::state(job)?;
        if state == JobState::Concluding {
            return Ok(false);
        }
        // Where a part of it is done or may be the letter has to tell of it: that is for the conclusion to find out.
        if job_step::has_tasks(state) && self.stop_tasks(job, by).await? == Stopped::InPart {
            return Ok(false);
        }
        self.step(job, JobEvent::Withdrawn, by)?;
        if self.person_knows(row).await? {
            self.tell_end(row, job, None)?;
        }
        Ok(true)
    }

    /// The mail about a job that ended without being run.
    pub(crate) fn tell_end(
        &mut self,
        row: &request::Model,
        job: &job::Model,
        refusal: Option<Refusal>,
    ) -> Result<(), LedgerError> {
        let open = OpenRequest::open(self.ledger.vault(), row)?;
        let outcome: Outcome = parse(job.outcome.as_deref().unwrap_or_default(), "job", "outcome", job.id)?;
        let letter = Letter::JobEnded(JobReport {
            right: job_step::right(job)?,
            outcome,
            stores: 0,
            rows: 0,
            package: None,
            kept: Vec::new(),
            undone: Vec::new(),
            unmet: Vec::new(),
            uncounted: 0,
            refusal,
            receipt: None,
            referrals: Vec::new(),
        });
        self.mail(
            row,
            Some(job_step::id(job)),
            open.address(),
            &letter,
            job_step::told_of_end(job_step::id(job)),
        )
    }
}
