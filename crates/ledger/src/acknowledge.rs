//! Confirming receipt: where the law sets a day for it, no request passes that day in silence without a mail that tells
//! the person that it arrived.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use habeas_domain::{
    AcknowledgementRefused, Actor, ConfirmedBy, RequestId, RequestState, TypedId, acknowledgement::check_day,
    audit::AuditEvent, letter::CONFIRMS_RECEIPT, request::RequestEvent,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Query, SelectStatement, SimpleExpr},
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Ledger, LedgerError, MailState, OpenByDue, clock,
    entity::{mail, request},
    unit::Unit,
};

/// An open request of which the receipt is not confirmed, near the day by which the law wants that or past it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unacknowledged {
    /// Which request.
    pub request: RequestId,
    /// What it waits for.
    pub state: RequestState,
    /// The end of that day.
    pub acknowledge_at: DateTime<Utc>,
}

/// Open ones of which the receipt is not confirmed yet, where the law sets a day for that.
pub(crate) fn unacknowledged() -> Condition {
    let told = Expr::exists(confirming(Expr::col((request::Entity, request::Column::Id))));
    awaiting().add(told.not())
}

/// Open ones of which it was not seen yet that the receipt is confirmed.
fn awaiting() -> Condition {
    Condition::all()
        .add(request::Column::ClosedAt.is_null())
        .add(request::Column::AcknowledgedAt.is_null())
        .add(request::Column::AcknowledgeAt.is_not_null())
}

/// The mails that confirm the receipt of a request and are out.
fn confirming(of: SimpleExpr) -> SelectStatement {
    Query::select()
        .expr(Expr::value(1))
        .from(mail::Entity)
        .and_where(Expr::col((mail::Entity, mail::Column::RequestId)).eq(of))
        .and_where(mail::Column::Kind.is_in(CONFIRMS_RECEIPT))
        .and_where(mail::Column::State.eq(MailState::Sent.as_str()))
        .to_owned()
}

impl Ledger {
    /// Open requests by when their receipt must be confirmed, as long as it is not.
    pub(crate) async fn unacknowledged_by_due(&self) -> Result<OpenByDue, LedgerError> {
        let open = request::Entity::find().filter(unacknowledged());
        self.by_due(open, request::Column::Id, "acknowledge_at").await
    }

    /// Open requests of which the receipt must be confirmed within `ahead`, and no mail that does is out: each once.
    /// Of those that were confirmed it is noted when, so that they are not looked at again.
    pub async fn report_unacknowledged(
        &self,
        ahead: Duration,
        limit: u64,
    ) -> Result<Vec<Unacknowledged>, LedgerError> {
        let horizon = clock::stored(self.ids().now()) + clock::micros(ahead);
        let confirmed = Expr::exists(confirming(Expr::col((request::Entity, request::Column::Id))));
        let near: Vec<Uuid> = request::Entity::find()
            .select_only()
            .column(request::Column::Id)
            .filter(awaiting())
            .filter(request::Column::AcknowledgeAt.lte(horizon))
            .filter(Condition::any().add(request::Column::AcknowledgeToldAt.is_null()).add(confirmed))
            .order_by_asc(request::Column::AcknowledgeAt)
            .limit(limit)
            .into_tuple()
            .all(self.db())
            .await?;
        if near.is_empty() {
            return Ok(Vec::new());
        }
        let mut unit = self.begin().await?;
        let requests = unit.lock(near.into_iter().map(RequestId::from_uuid)).await?;
        let mut told = Vec::new();
        for (id, row) in requests.iter().filter(|(_, row)| row.closed_at.is_none()) {
            told.extend(unit.look_at_receipt(*id, row).await?);
        }
        unit.commit().await?;
        Ok(told)
    }

    /// Marks the receipt of an open request as confirmed by staff, by such means and on such a day. That ends the wait for a mail.
    ///
    /// # Errors
    /// [`LedgerError::Acknowledgement`] if nothing is to be confirmed, or it cannot have been on that day;
    /// [`LedgerError::Illegal`] if the request is closed.
    pub async fn acknowledge(
        &self,
        request: RequestId,
        (means, on): (ConfirmedBy, NaiveDate),
        by: Actor,
    ) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        let requests = unit.lock([request]).await?;
        let row = requests.get(&request).ok_or(LedgerError::NotFound("request"))?;
        if row.closed_at.is_some() {
            RequestState::Closed.after(RequestEvent::AllJobsEnded)?;
        }
        if row.acknowledge_at.is_none() {
            return Err(AcknowledgementRefused::NotAwaited.into());
        }
        if row.acknowledged_at.is_some() || unit.receipt_confirmed(row.id).await?.is_some() {
            return Err(AcknowledgementRefused::Confirmed.into());
        }
        let now = self.ids().now();
        check_day(on, clock::moment(row.received_at), now)?;
        // At noon: nearly everywhere on earth that is the same day.
        let at = on.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(12);
        let mut changes = request::ActiveModel { id: Unchanged(row.id), ..Default::default() };
        changes.acknowledged_at = Set(Some(clock::stored(Ord::min(at, now))));
        changes.update(&unit.tx).await?;
        let detail = json!({ "means": means, "on": on, "acknowledge_by": row.acknowledge_by });
        unit.audit(request, AuditEvent::new("acknowledged", by).with(detail));
        unit.commit().await
    }
}

impl Unit<'_> {
    async fn look_at_receipt(
        &mut self,
        id: RequestId,
        row: &request::Model,
    ) -> Result<Option<Unacknowledged>, LedgerError> {
        let (Some(acknowledge_at), None) = (row.acknowledge_at, row.acknowledged_at) else { return Ok(None) };
        let confirmed = self.receipt_confirmed(row.id).await?;
        let mut changes = request::ActiveModel { id: Unchanged(row.id), ..Default::default() };
        if confirmed.is_some() {
            changes.acknowledged_at = Set(confirmed);
            changes.update(&self.tx).await?;
            return Ok(None);
        }
        if row.acknowledge_told_at.is_some() {
            return Ok(None);
        }
        let Ok(state) = row.state.parse() else {
            // Told in every round: it must keep no other from being reported, and must not fall silent either.
            tracing::error!(request = %id, "a request whose receipt is owed is in a state that cannot be read");
            return Ok(None);
        };
        changes.acknowledge_told_at = Set(Some(self.stored_now()));
        changes.update(&self.tx).await?;
        let event = AuditEvent::new("unacknowledged", Actor::System)
            .with(json!({ "acknowledge_by": row.acknowledge_by, "state": row.state }));
        self.audit(id, event);
        Ok(Some(Unacknowledged { request: id, state, acknowledge_at: clock::moment(acknowledge_at) }))
    }

    /// When a mail that confirms the receipt went out, if one did.
    async fn receipt_confirmed(&self, request: Uuid) -> Result<Option<i64>, LedgerError> {
        let sent: Option<Option<i64>> = mail::Entity::find()
            .select_only()
            .column_as(mail::Column::SentAt.min(), "sent_at")
            .filter(mail::Column::RequestId.eq(request))
            .filter(mail::Column::Kind.is_in(CONFIRMS_RECEIPT))
            .filter(mail::Column::State.eq(MailState::Sent.as_str()))
            .into_tuple()
            .one(&self.tx)
            .await?;
        Ok(sent.flatten())
    }
}
