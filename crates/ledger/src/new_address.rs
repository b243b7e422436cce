//! The new addresses that a correction names: asked again on the word of staff, and waited for no longer than is set.

use std::time::Duration;

use habeas_domain::{Actor, JobState, RequestId, TypedId, audit::AuditEvent, job::JobEvent};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, Query, SimpleExpr},
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Ledger, LedgerError, NewChallenge, Purpose, clock,
    each::together_or_each,
    entity::{challenge, job},
    job_step,
    literal::job_is,
    unit::Unit,
};

impl Ledger {
    /// Asks the new addresses of a correction anew, all of them: `links` has one for each. The links before end, so that no
    /// address is counted twice. Returns false if no job waits for them, the request is stopped, or `most` were sent to each
    /// in the last 24 hours.
    pub async fn confirm_addresses_again(
        &self,
        request: RequestId,
        links: Vec<NewChallenge>,
        most: u64,
        by: Actor,
    ) -> Result<bool, LedgerError> {
        let mut unit = self.begin().await?;
        let requests = unit.lock([request]).await?;
        let row = requests.get(&request).ok_or(LedgerError::NotFound("request"))?;
        let mut jobs = unit.jobs_of([request]).await?;
        let Some(job) = jobs.iter_mut().find(|job| waits(job)) else { return Ok(false) };
        let sent = self.challenges_in(&unit.tx, request, Purpose::NewAddress).await?;
        let stopped = row.agent_stopped_at.is_some() || row.disputed_at.is_some();
        if links.is_empty() || stopped || sent >= most.saturating_mul(links.len() as u64) {
            return Ok(false);
        }
        unit.ask_new_addresses(row, job, links).await?;
        unit.save(job);
        let detail = json!({ "purpose": Purpose::NewAddress.as_str(), "job": job.id });
        unit.audit(request, AuditEvent::new("mailed-again", by).with(detail));
        unit.commit().await?;
        Ok(true)
    }

    /// Ends up to `limit` corrections of which a new address was not confirmed within `after` of the latest link to it. The
    /// person is told at the address that stays. Returns how many.
    pub async fn lapse_new_addresses(&self, after: Duration, limit: u64) -> Result<u64, LedgerError> {
        let before = clock::stored(self.ids().now()) - clock::micros(after);
        let waiting: Vec<Uuid> = job::Entity::find()
            .select_only()
            .column(job::Column::RequestId)
            .filter(job_is(JobState::AwaitingApproval))
            .filter(job::Column::Unconfirmed.gt(0))
            .filter(asked_since(before).not())
            .limit(limit)
            .into_tuple()
            .all(self.db())
            .await?;
        let waiting = waiting.into_iter().map(RequestId::from_uuid).collect();
        let lapsing = |waiting| self.end_unconfirmed(waiting, before);
        together_or_each("end a correction whose new address nobody confirmed", waiting, lapsing).await
    }

    async fn end_unconfirmed(&self, waiting: Vec<RequestId>, before: i64) -> Result<u64, LedgerError> {
        let mut unit = self.begin().await?;
        let mut requests = unit.lock(waiting).await?;
        let mut lapsed = 0;
        for (id, row) in &mut requests {
            let mut jobs = unit.jobs_of([*id]).await?;
            let Some(job) = jobs.iter_mut().find(|job| waits(job)) else { continue };
            if unit.asked_again(job, before).await? {
                continue;
            }
            unit.step(job, JobEvent::Lapsed, Actor::System)?;
            let detail = json!({ "job": job.id, "unconfirmed": job.unconfirmed });
            unit.audit(*id, AuditEvent::new("new-address-lapsed", Actor::System).with(detail));
            unit.tell_end(row, job, None)?;
            unit.start_after_others(row, &mut jobs).await?;
            unit.close_if_ended(row, &jobs, Actor::System).await?;
            lapsed += 1;
        }
        unit.commit().await?;
        Ok(lapsed)
    }
}

/// Whether a job waits for somebody to confirm a new address.
fn waits(job: &job::Model) -> bool {
    job.state == JobState::AwaitingApproval.as_str() && job.unconfirmed > 0
}

/// Whether a link to a new address of the job was mailed since.
fn asked_since(since: i64) -> SimpleExpr {
    let request = Expr::col((challenge::Entity, challenge::Column::RequestId));
    let of_job = Expr::col((challenge::Entity, challenge::Column::JobId));
    let asked = Query::select()
        .expr(Expr::value(1))
        .from(challenge::Entity)
        .and_where(request.eq(Expr::col((job::Entity, job::Column::RequestId))))
        .and_where(of_job.eq(Expr::col((job::Entity, job::Column::Id))))
        .and_where(challenge::Column::Purpose.eq(Purpose::NewAddress.as_str()))
        .and_where(challenge::Column::CreatedAt.gt(since))
        .to_owned();
    Expr::exists(asked)
}

impl Unit<'_> {
    /// Mails a link to each new address of a job, which waits for all of them from now on. Links before end.
    pub(crate) async fn ask_new_addresses(
        &mut self,
        of: &crate::entity::request::Model,
        job: &mut job::Model,
        links: Vec<NewChallenge>,
    ) -> Result<(), LedgerError> {
        challenge::Entity::update_many()
            .col_expr(challenge::Column::LinkExpiresAt, Expr::value(self.stored_now()))
            .filter(challenge::Column::RequestId.eq(of.id))
            .filter(challenge::Column::Purpose.eq(Purpose::NewAddress.as_str()))
            .filter(challenge::Column::JobId.eq(job.id))
            .filter(challenge::Column::UsedAt.is_null())
            .exec(&self.tx)
            .await?;
        job.unconfirmed = i64::try_from(links.len()).unwrap_or(i64::MAX);
        for link in links {
            self.challenge(of, Some(job_step::id(job)), link)?;
        }
        Ok(())
    }

    /// The same of one job, read under its request's lock.
    async fn asked_again(&self, job: &job::Model, since: i64) -> Result<bool, LedgerError> {
        let found = job::Entity::find_by_id(job.id).filter(asked_since(since)).one(&self.tx).await?;
        Ok(found.is_some())
    }
}
