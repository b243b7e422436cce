//! "This was not me": somebody at an address on file objects to a deletion. Recorded first, under the request's lock,
//! so that it wins over whatever has not begun.

mod siblings;

use std::collections::BTreeSet;

use habeas_domain::{
    Actor, JobId, JobState, Outcome, RequestId, RequestState, TypedId, WorkKind, WorkState,
    audit::AuditEvent, job::JobEvent, words,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::{
    ChallengeRecord, Ledger, LedgerError, Purpose,
    corrupt::parse_opt,
    entity::{approval, challenge, job, request, work},
    job_step,
    race::again_after_race,
    review::ReviewCause,
    take_back::Stopped,
    unit::Unit,
};

/// What an objection reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dispute {
    /// Nothing was deleted, and nothing will be unless staff find that the person did ask.
    Stopped(RequestId),
    /// The deletion had begun, or is done. What had not begun is stopped.
    TooLate(RequestId),
    /// The link was used before, or has ended.
    NotValid,
}

/// What the page behind an objection's link shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopStanding {
    /// The button can be pressed.
    Open,
    /// It was pressed, in time.
    Stopped,
    /// It was pressed, after the deletion had begun.
    TooLate,
    /// The link has ended.
    Ended,
}

/// What staff found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DisputeDecision {
    /// The person did not ask: the jobs end.
    Upheld,
    /// The person did ask: the jobs are planned, approved and warned of anew.
    Dismissed,
}

words!(DisputeDecision, or UnknownDecision: Upheld = "upheld", Dismissed = "dismissed");

/// A text that names no decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown decision; use upheld or dismissed")]
pub struct UnknownDecision;

impl Ledger {
    /// Uses the link of a warning, once: stops every job of its request that has changed no store yet, closes the
    /// request's packages, and leaves it to staff. The person's other requests, open or ended lately, stop with it.
    pub async fn dispute(&self, link: Uuid) -> Result<Dispute, LedgerError> {
        let Some(found) = challenge::Entity::find_by_id(link).one(self.db()).await? else {
            return Ok(Dispute::NotValid);
        };
        let request = RequestId::from_uuid(found.request_id);
        // Tasks that enter their store at this moment lock their rows in an order of their own. Whoever presses the
        // button is not the one to come second.
        let siblings = self.siblings_of(request, found.job_id.map(JobId::from_uuid)).await?;
        again_after_race(|| self.dispute_once(link, request, &siblings)).await
    }

    async fn dispute_once(
        &self,
        link: Uuid,
        request: RequestId,
        siblings: &BTreeSet<RequestId>,
    ) -> Result<Dispute, LedgerError> {
        let mut unit = self.begin().await?;
        let mut requests = unit.lock(siblings.iter().copied().chain([request])).await?;
        let row = requests.get_mut(&request).ok_or(LedgerError::NotFound("request"))?;
        let Some(about) = unit.use_stop_link(link).await? else { return Ok(Dispute::NotValid) };
        let mut jobs = unit.jobs_of(siblings.iter().copied().chain([request])).await?;
        for job in jobs.iter_mut().filter(|job| job.request_id == row.id && job.ended_at.is_none()) {
            unit.dispute_job(job).await?;
        }
        let stopped = jobs.iter().find(|job| job.id == about).map(is_stopped).transpose()?;
        let stopped = stopped.unwrap_or(false);
        row.disputed_at = row.disputed_at.or(Some(unit.stored_now()));
        row.dispute_settled_at = None;
        unit.changes.request(row);
        let detail = json!({ "job": JobId::from_uuid(about), "in_time": stopped });
        unit.audit(request, AuditEvent::new("disputed", Actor::Subject).with(detail));
        for sibling in siblings {
            if let Some(row) = requests.get_mut(sibling) {
                unit.dispute_sibling(row, &mut jobs, request).await?;
            }
        }
        unit.commit().await?;
        Ok(if stopped { Dispute::Stopped(request) } else { Dispute::TooLate(request) })
    }

    /// What the page behind this link shows. Changes nothing.
    pub async fn stop_standing(&self, link: &ChallengeRecord) -> Result<StopStanding, LedgerError> {
        if link.open {
            return Ok(StopStanding::Open);
        }
        let Some(job) = link.job.filter(|_| link.used_at.is_some()) else { return Ok(StopStanding::Ended) };
        let row = job::Entity::find_by_id(job.uuid()).one(self.db()).await?;
        let stopped = row.as_ref().map(is_stopped).transpose()?.unwrap_or(false);
        Ok(if stopped { StopStanding::Stopped } else { StopStanding::TooLate })
    }

    /// Settles an objection. Fails with [`LedgerError::NotFound`] if the request has none that is open.
    pub async fn settle_dispute(
        &self,
        request: RequestId,
        decision: DisputeDecision,
        by: Actor,
    ) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        let mut requests = unit.lock([request]).await?;
        let row = requests.get_mut(&request).ok_or(LedgerError::NotFound("request"))?;
        if row.disputed_at.is_none() || row.dispute_settled_at.is_some() {
            return Err(LedgerError::NotFound("open dispute"));
        }
        let mut jobs = unit.jobs_of([request]).await?;
        // What nobody has proven yet ends too where it was not the person, and else goes on waiting for them.
        let unproven = decision == DisputeDecision::Upheld;
        let disputed = |job: &&mut job::Model| {
            job.state == JobState::Disputed.as_str()
                || unproven && job.state == JobState::AwaitingVerification.as_str()
        };
        // Whose agent was barred waits on, until staff have said how it goes on.
        let waits_on = decision == DisputeDecision::Dismissed && row.agent_stopped_at.is_some();
        for job in jobs.iter_mut().filter(disputed).filter(|_| !waits_on) {
            unit.settle_job(row, job, decision, by).await?;
        }
        let again = jobs.iter().any(|job| job.state == JobState::AwaitingPlan.as_str());
        if decision == DisputeDecision::Dismissed {
            row.disputed_at = None;
            row.end_review(ReviewCause::Sibling);
            // What stopped for review is resolved when that is cleared.
            if again && row.state != RequestState::AwaitingReview.as_str() {
                unit.resolve(request);
            }
        } else {
            row.dispute_settled_at = Some(unit.stored_now());
        }
        unit.changes.request(row);
        unit.audit(request, AuditEvent::new("dispute-settled", by).with(json!({ "decision": decision })));
        if row.closed_at.is_none() {
            unit.close_if_ended(row, &jobs, by).await?;
        }
        unit.commit().await
    }
}

/// Whether an objection came in time for this job: it changed nothing.
fn is_stopped(job: &job::Model) -> Result<bool, LedgerError> {
    let state = job_step::state(job)?;
    let begun =
        matches!(state, JobState::Running | JobState::Stalled | JobState::HeldInPart | JobState::Concluding);
    let outcome: Option<Outcome> = parse_opt(job.outcome.as_deref(), "job", "outcome", job.id)?;
    let done = matches!(outcome, Some(Outcome::Done | Outcome::PartlyDone | Outcome::NothingHeld));
    Ok(!begun && !done)
}

impl Unit<'_> {
    /// Uses up the link. Returns the job it is about, or nothing if it is no open link of a warning.
    async fn use_stop_link(&self, link: Uuid) -> Result<Option<Uuid>, LedgerError> {
        let now = self.stored_now();
        let used = challenge::Entity::update_many()
            .col_expr(challenge::Column::UsedAt, Expr::value(now))
            .filter(challenge::Column::Id.eq(link))
            .filter(challenge::Column::Purpose.eq(Purpose::Stop.as_str()))
            .filter(challenge::Column::UsedAt.is_null())
            .filter(challenge::Column::LinkExpiresAt.gt(now))
            .exec_with_returning(&self.tx)
            .await?;
        Ok(used.into_iter().next().and_then(|row| row.job_id))
    }

    /// Stops one job as far as it has changed no store. What is being changed at this moment goes on to its end and is
    /// told; what is done already is concluded, so that the letter tells of it.
    pub(crate) async fn dispute_job(&mut self, job: &mut job::Model) -> Result<(), LedgerError> {
        let state = job_step::state(job)?;
        if matches!(state, JobState::Concluding | JobState::Disputed | JobState::AwaitingVerification) {
            return Ok(());
        }
        if job_step::has_tasks(state) && self.stop_tasks(job, Actor::Subject).await? == Stopped::InPart {
            return Ok(());
        }
        self.step(job, JobEvent::Disputed, Actor::Subject)
    }

    async fn settle_job(
        &mut self,
        of: &request::Model,
        job: &mut job::Model,
        decision: DisputeDecision,
        by: Actor,
    ) -> Result<(), LedgerError> {
        match decision {
            DisputeDecision::Upheld => {
                self.step(job, JobEvent::DisputeUpheld, by)?;
                self.tell_end(of, job, None)
            }
            DisputeDecision::Dismissed => {
                self.clear_the_way(job).await?;
                self.step(job, JobEvent::DisputeDismissed, by)
            }
        }
    }

    /// Clears the way for a job that is planned anew: nobody who agreed before knew what staff know now, and tasks that
    /// were cancelled would stand in the way of the new ones in the same stores.
    pub(crate) async fn clear_the_way(&self, job: &mut job::Model) -> Result<(), LedgerError> {
        job.grace_until = None;
        approval::Entity::delete_many().filter(approval::Column::JobId.eq(job.id)).exec(&self.tx).await?;
        work::Entity::delete_many()
            .filter(work::Column::JobId.eq(job.id))
            .filter(work::Column::Kind.eq(WorkKind::Task.as_str()))
            .filter(work::Column::State.eq(WorkState::Cancelled.as_str()))
            .exec(&self.tx)
            .await?;
        Ok(())
    }
}
