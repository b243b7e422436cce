use std::collections::HashMap;

use chrono::{DateTime, Utc};
use habeas_domain::{
    Actor, JobId, RequestId, TypedId, WorkKind, WorkState, audit::AuditEvent, letter::REST_DELETED,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Query, SelectStatement},
};
use uuid::Uuid;

use crate::{
    Ledger, LedgerError, MailState, clock,
    entity::{challenge, job, mail, request, request_key, work},
    erasure::remembered,
    literal::{UNSETTLED, work_is},
    unit::Unit,
};

/// Since when the requests are closed whose personal data are destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PurgeBefore {
    /// Those of people who proved who they were.
    pub proven: DateTime<Utc>,
    /// Those that ended without it. Nothing was done for anybody, and whose data they name nobody knows.
    pub unproven: DateTime<Utc>,
}

impl From<DateTime<Utc>> for PurgeBefore {
    fn from(before: DateTime<Utc>) -> Self {
        Self { proven: before, unproven: before }
    }
}

/// Work that has not ended.
pub(crate) fn unsettled() -> Condition {
    UNSETTLED.into_iter().fold(Condition::any(), |any, state| any.add(work_is(state)))
}

/// Work that is still to be done for the person however long their request has been closed: what a rule keeps is to be
/// deleted, and they are to be told of that. What is parked of the telling waits for ops, and keeps nothing.
fn owed() -> Condition {
    let tells = Condition::any().add(work_is(WorkState::Waiting)).add(work_is(WorkState::Running));
    Condition::any()
        .add(Condition::all().add(work::Column::Kind.eq(WorkKind::Deferred.as_str())).add(unsettled()))
        .add(Condition::all().add(work::Column::Kind.eq(WorkKind::Conclude.as_str())).add(tells))
}

/// A mail that tells a person of the rest of their deletion and is not out yet.
fn rest_untold() -> SelectStatement {
    Query::select()
        .expr(Expr::value(1))
        .from(mail::Entity)
        .and_where(
            Expr::col((mail::Entity, mail::Column::RequestId))
                .eq(Expr::col((request::Entity, request::Column::Id))),
        )
        .and_where(mail::Column::Kind.eq(REST_DELETED))
        .and_where(mail::Column::State.eq(MailState::Waiting.as_str()))
        .to_owned()
}

impl Ledger {
    /// Destroys the data keys of these requests, and everything personal with them, if they are closed. What remains is
    /// the pseudonymous record that proves compliance. Returns how many.
    pub async fn purge(&self, requests: &[RequestId]) -> Result<u64, LedgerError> {
        if requests.is_empty() {
            return Ok(0);
        }
        let mut unit = self.begin().await?;
        let mut requests = unit.lock(requests.iter().copied()).await?;
        requests.retain(|_, row| row.wrapped_key.is_some() && row.closed_at.is_some());
        unit.erase(&requests).await?;
        unit.commit().await?;
        Ok(requests.len() as u64)
    }

    /// Up to `limit` requests that were closed `before` and still hold personal data, longest closed first, each
    /// with its jobs: what they left in the object store can be deleted before [`Ledger::purge`]. A request whose kept
    /// rows are still to be deleted is not among them until then.
    pub async fn purgeable(
        &self,
        before: impl Into<PurgeBefore>,
        limit: u64,
    ) -> Result<Vec<(RequestId, Vec<JobId>)>, LedgerError> {
        let requests = self.due_for_purge(before.into(), limit).await?;
        let jobs: Vec<(Uuid, Uuid)> = job::Entity::find()
            .select_only()
            .columns([job::Column::RequestId, job::Column::Id])
            .filter(job::Column::RequestId.is_in(requests.iter().copied()))
            .into_tuple()
            .all(self.db())
            .await?;
        let of = |request: Uuid| {
            let own = jobs.iter().filter(move |(of, _)| *of == request);
            own.map(|(_, job)| JobId::from_uuid(*job)).collect()
        };
        Ok(requests.into_iter().map(|id| (RequestId::from_uuid(id), of(id))).collect())
    }

    async fn due_for_purge(&self, before: PurgeBefore, limit: u64) -> Result<Vec<Uuid>, LedgerError> {
        let closed = |before| request::Column::ClosedAt.lt(clock::stored(before));
        let unproven = request::Column::VerifiedAt.is_null().and(closed(before.unproven));
        let deferred = Query::select()
            .expr(Expr::value(1))
            .from(work::Entity)
            .and_where(
                Expr::col((work::Entity, work::Column::RequestId))
                    .eq(Expr::col((request::Entity, request::Column::Id))),
            )
            .cond_where(owed())
            .to_owned();
        let ids = request::Entity::find()
            .select_only()
            .column(request::Column::Id)
            .filter(request::Column::WrappedKey.is_not_null())
            .filter(closed(before.proven).or(unproven))
            .filter(Expr::not_exists(deferred))
            .filter(Expr::not_exists(rest_untold()))
            .order_by_asc(request::Column::ClosedAt)
            .limit(limit)
            .into_tuple()
            .all(self.db())
            .await?;
        Ok(ids)
    }
}

impl Unit<'_> {
    async fn erase(&mut self, requests: &HashMap<RequestId, request::Model>) -> Result<(), LedgerError> {
        let ids = || requests.values().map(|row| row.id);
        let nothing = || Expr::value(Option::<Vec<u8>>::None);
        request::Entity::update_many()
            .col_expr(request::Column::WrappedKey, nothing())
            .col_expr(request::Column::Personal, nothing())
            .col_expr(request::Column::Keys, nothing())
            .col_expr(request::Column::MandateLookup, nothing())
            .col_expr(request::Column::MandateDigest, nothing())
            .col_expr(request::Column::AskedIn, nothing())
            .col_expr(request::Column::Evidence, nothing())
            .col_expr(request::Column::AlsoProven, nothing())
            .col_expr(request::Column::IdempotencyKey, Expr::value(Option::<String>::None))
            .filter(request::Column::Id.is_in(ids()))
            .exec(&self.tx)
            .await?;
        job::Entity::update_many()
            .col_expr(job::Column::Plan, nothing())
            .filter(job::Column::RequestId.is_in(ids()))
            .exec(&self.tx)
            .await?;
        mail::Entity::update_many()
            .col_expr(mail::Column::Recipient, nothing())
            .col_expr(mail::Column::Letter, nothing())
            .filter(mail::Column::RequestId.is_in(ids()))
            .exec(&self.tx)
            .await?;
        challenge::Entity::delete_many()
            .filter(challenge::Column::RequestId.is_in(ids()))
            .exec(&self.tx)
            .await?;
        self.erase_findings(ids().collect()).await?;
        // A hold that is placed later is still to stop the re-erasing of whom a restored backup brings back.
        let kept = remembered(Expr::col((request_key::Entity, request_key::Column::RequestId)));
        request_key::Entity::delete_many()
            .filter(request_key::Column::RequestId.is_in(ids()))
            .filter(Expr::not_exists(kept))
            .exec(&self.tx)
            .await?;
        self.erase_mails_of(ids()).await?;
        self.drop_steps(ids()).await?;
        self.erase_papers(requests.values().filter(|row| row.papers > 0).map(|row| row.id)).await?;
        work::Entity::update_many()
            .col_expr(work::Column::State, Expr::value(WorkState::Cancelled.as_str()))
            .col_expr(work::Column::FinishedAt, Expr::value(self.stored_now()))
            .filter(work::Column::RequestId.is_in(ids()))
            .filter(unsettled())
            .exec(&self.tx)
            .await?;
        for id in requests.keys() {
            self.audit(*id, AuditEvent::new("erased", Actor::System));
        }
        Ok(())
    }
}
