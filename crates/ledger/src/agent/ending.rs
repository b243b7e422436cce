//! The end of an agent's part in a request: because the person says so, by the link in every mail, or staff.

use habeas_domain::{
    Actor, Letter, MessageId, RequestId, RequestState, TypedId, WorkId, WorkKind, WorkState,
    audit::AuditEvent,
    job::JobEvent,
    verification::{Evidence, Method},
};
use habeas_vault::Token;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;
use uuid::Uuid;

use super::pace::NEVER;
use crate::{
    Ledger, LedgerError, OpenRequest, Purpose,
    entity::{challenge, job, request, work},
    race::again_after_race,
    unit::{NewWork, Unit},
};

/// What the person's word did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgentEnded {
    /// The agent has no part in it any more; the request goes on for the person alone.
    GoesOn(RequestId),
    /// Nobody had confirmed the request: it ended with the agent's part.
    Closed(RequestId),
    /// The agent's mandate had stood in for the person's own word: what has not changed a store waits for staff.
    Stopped(RequestId),
    /// The link was used before, or has ended.
    NotValid,
}

impl Ledger {
    /// Uses the link by which the person ends an agent's part in their request, once: from now on nothing goes to the
    /// agent. If the person has not confirmed the request themselves, it ends too.
    pub async fn end_agent(&self, link: Uuid) -> Result<AgentEnded, LedgerError> {
        let Some(found) = challenge::Entity::find_by_id(link).one(self.db()).await? else {
            return Ok(AgentEnded::NotValid);
        };
        let request = RequestId::from_uuid(found.request_id);
        again_after_race(|| self.end_agent_once(link, request)).await
    }

    async fn end_agent_once(&self, link: Uuid, request: RequestId) -> Result<AgentEnded, LedgerError> {
        let mut unit = self.begin().await?;
        let mut requests = unit.lock([request]).await?;
        let row = requests.get_mut(&request).ok_or(LedgerError::NotFound("request"))?;
        if !unit.use_end_link(link).await? {
            return Ok(AgentEnded::NotValid);
        }
        let mut jobs = unit.jobs_of([request]).await?;
        let unconfirmed = row.state == RequestState::AwaitingVerification.as_str();
        unit.end_part(row, Actor::Subject);
        if unconfirmed {
            for job in jobs.iter_mut().filter(|job| job.ended_at.is_none()) {
                unit.step(job, JobEvent::Withdrawn, Actor::Subject)?;
                unit.tell_end(row, job, None)?;
            }
            row.agent_stopped_at = None;
            unit.close_if_ended(row, &jobs, Actor::Subject).await?;
            unit.commit().await?;
            return Ok(AgentEnded::Closed(request));
        }
        let own_word = self.has_own_word(row)?;
        let ended = if own_word { AgentEnded::GoesOn(request) } else { AgentEnded::Stopped(request) };
        if !own_word {
            unit.without_a_word(row, &mut jobs).await?;
        }
        unit.changes.request(row);
        unit.commit().await?;
        Ok(ended)
    }

    /// Staff end an agent's part in a request, which goes on for the person alone: if it was stopped with its agent, it
    /// is planned and approved anew, and a person who has not confirmed it is asked again. Where the agent's mandate had stood
    /// in for the person's own word, nobody's is left: it waits for staff as if somebody had objected to it. Fails with
    /// [`LedgerError::NotFound`] if no agent acts in it.
    pub async fn drop_agent(&self, request: RequestId, by: Actor) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        let mut requests = unit.lock([request]).await?;
        let row = requests.get_mut(&request).ok_or(LedgerError::NotFound("request"))?;
        if row.agent_id.is_none() || row.agent_ended_at.is_some() || row.closed_at.is_some() {
            return Err(LedgerError::NotFound("agent who acts in this request"));
        }
        let mut jobs = unit.jobs_of([request]).await?;
        unit.end_part(row, by);
        let awaits_proof = row.state == RequestState::AwaitingVerification.as_str();
        if !awaits_proof && !self.has_own_word(row)? {
            unit.without_a_word(row, &mut jobs).await?;
        }
        if row.agent_stopped_at.is_some() {
            unit.go_on(row, &mut jobs, by).await?;
        }
        if awaits_proof {
            unit.challenge_anew(row).await?;
        }
        unit.changes.request(row);
        unit.commit().await
    }
}

impl Ledger {
    /// Whether the person, or a child's guardian, confirmed a request themselves.
    fn has_own_word(&self, row: &request::Model) -> Result<bool, LedgerError> {
        let own = |one: &Evidence| one.method.begins() && one.method != Method::Mandate;
        Ok(self.evidence_of(row)?.iter().any(own))
    }

    /// The secret of the link by which a person ends an agent's part in a request. The same each time: every mail
    /// about the request carries it.
    pub fn agent_end_token(&self, request: RequestId) -> Token {
        self.vault().standing_token("agent-end", &request.to_string())
    }
}

impl Unit<'_> {
    /// Stops a request that nobody's word stands behind any more, until staff have looked into it.
    async fn without_a_word(
        &mut self,
        row: &mut request::Model,
        jobs: &mut [job::Model],
    ) -> Result<(), LedgerError> {
        for job in jobs.iter_mut().filter(|job| job.ended_at.is_none()) {
            self.dispute_job(job).await?;
        }
        row.disputed_at = row.disputed_at.or(Some(self.stored_now()));
        row.dispute_settled_at = None;
        Ok(())
    }

    /// Stores the link by which the person can end an agent's part in this request. It holds as long as the request is
    /// kept.
    pub(crate) fn offer_end(&mut self, request: RequestId) {
        let token = self.ledger.agent_end_token(request).hash();
        self.changes.challenge(challenge::ActiveModel {
            id: Set(self.ledger.ids().fresh::<MessageId>().uuid()),
            request_id: Set(request.uuid()),
            purpose: Set(Purpose::AgentEnd.as_str().to_owned()),
            job_id: Set(None),
            package_id: Set(None),
            token_hash: Set(Some(token.as_bytes().to_vec())),
            link_expires_at: Set(Some(NEVER)),
            code_expires_at: Set(None),
            code_hash: Set(None),
            tries_left: Set(0),
            created_at: Set(self.stored_now()),
            used_at: Set(None),
        });
    }

    /// Orders the receipt of an agent's request, which the person gets together with the challenge.
    pub(crate) fn receipt_of_agents_request(&mut self, row: &mut request::Model) -> Result<(), LedgerError> {
        if !row.receipt_owed || row.agent_waits {
            return Ok(());
        }
        let open = OpenRequest::open(self.ledger.vault(), row)?;
        let letter = Letter::Received {
            rights: open.submission.rights.clone(),
            received_at: open.received_at,
            due_on: open.due_on,
        };
        self.mail(row, None, open.address(), &letter, format!("{}/received", open.id))?;
        row.receipt_owed = false;
        self.changes.request(row);
        Ok(())
    }

    fn end_part(&mut self, row: &mut request::Model, by: Actor) {
        row.agent_ended_at = row.agent_ended_at.or(Some(self.stored_now()));
        row.agent_receives_at = None;
        row.agent_waits = false;
        let detail = json!({ "agent": row.agent_id });
        self.audit(RequestId::from_uuid(row.id), AuditEvent::new("agent-ended", by).with(detail));
    }

    async fn use_end_link(&self, link: Uuid) -> Result<bool, LedgerError> {
        let now = self.stored_now();
        let used = challenge::Entity::update_many()
            .col_expr(challenge::Column::UsedAt, Expr::value(now))
            .filter(challenge::Column::Id.eq(link))
            .filter(challenge::Column::Purpose.eq(Purpose::AgentEnd.as_str()))
            .filter(challenge::Column::UsedAt.is_null())
            .filter(challenge::Column::LinkExpiresAt.gt(now))
            .exec(&self.tx)
            .await?;
        Ok(used.rows_affected > 0)
    }

    /// Asks the person again, in a mail that names no agent. What was queued for them before is given up.
    async fn challenge_anew(&mut self, row: &request::Model) -> Result<(), LedgerError> {
        work::Entity::update_many()
            .col_expr(work::Column::State, Expr::value(WorkState::Cancelled.as_str()))
            .col_expr(work::Column::FinishedAt, Expr::value(self.stored_now()))
            .col_expr(work::Column::LeaseUntil, Expr::value(Option::<i64>::None))
            .filter(work::Column::RequestId.eq(row.id))
            .filter(work::Column::Kind.eq(WorkKind::Challenge.as_str()))
            .filter(work::Column::State.is_in([WorkState::Waiting.as_str(), WorkState::Running.as_str()]))
            .exec(&self.tx)
            .await?;
        self.work(&NewWork {
            kind: WorkKind::Challenge,
            request: RequestId::from_uuid(row.id),
            job: None,
            target: self.ledger.ids().fresh::<WorkId>().uuid(),
            store: None,
            not_before: None,
        });
        Ok(())
    }
}
