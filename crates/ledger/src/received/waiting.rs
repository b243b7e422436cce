//! Mails that wait: how many, for how long, and by when they have to be answered if they turn out to be requests.

use std::time::Duration;

use chrono::{DateTime, Utc};
use habeas_domain::{Actor, ReceivedMailId, audit::AuditEvent, received_mail::ReceivedMailState};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};
use serde_json::json;
use uuid::Uuid;

use super::{reply::is_unread, row};
use crate::{Ledger, LedgerError, OpenByDue, clock, entity::received_mail, unit::Unit};

/// What a mail waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitingState {
    /// To be read by the worker.
    Stored,
    /// For staff to decide.
    Proposal,
    /// For staff to look why it could not be read.
    Parked,
    /// It is a reply: for staff to read.
    Reply,
}

impl WaitingState {
    const ALL: [Self; 4] = [Self::Stored, Self::Proposal, Self::Parked, Self::Reply];

    /// The name used in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Proposal => "proposal",
            Self::Parked => "parked",
            Self::Reply => "reply",
        }
    }

    /// Of what is erased nothing is left that anybody could look at.
    fn condition(self) -> Condition {
        use received_mail::Column as C;
        let kept = Condition::all().add(C::WrappedKey.is_not_null());
        let state = |state: ReceivedMailState| C::State.eq(state.as_str());
        kept.add(match self {
            Self::Stored => state(ReceivedMailState::Stored),
            Self::Proposal => state(ReceivedMailState::Proposal),
            Self::Parked => state(ReceivedMailState::Parked),
            Self::Reply => is_unread().and(C::State.ne(ReceivedMailState::Proposal.as_str())),
        })
    }
}

/// Mails that wait for the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitingMails {
    /// For what.
    pub state: WaitingState,
    /// How many.
    pub count: u64,
    /// For how long the oldest of them has been here; zero where there is none.
    pub oldest: Duration,
}

/// A mail that waits for staff and is near the last day for an answer, or past it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailNearDue {
    /// Which mail.
    pub mail: ReceivedMailId,
    /// What it waits for.
    pub state: ReceivedMailState,
    /// The end of its last day.
    pub due_at: DateTime<Utc>,
}

/// Undecided mails with a last day. Written into the statement, so that the partial index over them will do.
pub(super) fn is_undecided() -> SimpleExpr {
    Expr::cust(format!("state IN ('{}', '{}')", ReceivedMailState::Proposal, ReceivedMailState::Parked))
}

impl Ledger {
    /// What mails wait for.
    pub async fn waiting_mails(&self) -> Result<[WaitingMails; 4], LedgerError> {
        use received_mail::Column as C;
        let mut all = WaitingState::ALL.map(|state| WaitingMails { state, count: 0, oldest: Duration::ZERO });
        for one in &mut all {
            let found: Option<(i64, Option<i64>)> = received_mail::Entity::find()
                .select_only()
                .column_as(C::Id.count(), "waiting")
                .column_as(C::StoredAt.min(), "oldest")
                .filter(one.state.condition())
                .into_tuple()
                .one(self.db())
                .await?;
            let (count, oldest) = found.unwrap_or_default();
            let waited = oldest.map_or(0, |oldest| clock::stored(self.ids().now()) - oldest);
            one.count = count.unsigned_abs();
            one.oldest = Duration::from_micros(u64::try_from(waited).unwrap_or(0));
        }
        Ok(all)
    }

    /// Mails that wait for staff to decide, by when they have to be answered if they are requests.
    pub async fn mails_by_due(&self) -> Result<OpenByDue, LedgerError> {
        use received_mail::Column as C;
        let open = received_mail::Entity::find()
            .filter(is_undecided())
            .filter(C::DueAt.is_not_null())
            .filter(C::WrappedKey.is_not_null());
        self.by_due(open, C::Id, "due_at").await
    }

    /// Mails that wait for staff to decide and whose last day ends within `ahead`, each once, the most urgent first.
    pub async fn report_mails_near_due(
        &self,
        ahead: Duration,
        limit: u64,
    ) -> Result<Vec<MailNearDue>, LedgerError> {
        use received_mail::Column as C;
        let horizon = clock::stored(self.ids().now()) + clock::micros(ahead);
        let near: Vec<Uuid> = received_mail::Entity::find()
            .select_only()
            .column(C::Id)
            .filter(is_undecided())
            .filter(C::DueAt.lte(horizon))
            .filter(C::DueToldAt.is_null())
            .filter(C::WrappedKey.is_not_null())
            .order_by_asc(C::DueAt)
            .limit(limit)
            .into_tuple()
            .all(self.db())
            .await?;
        if near.is_empty() {
            return Ok(Vec::new());
        }
        let mut unit = self.begin().await?;
        let told = unit.tell_due(near).await?;
        unit.commit().await?;
        Ok(told)
    }
}

impl Unit<'_> {
    async fn tell_due(&mut self, near: Vec<Uuid>) -> Result<Vec<MailNearDue>, LedgerError> {
        use received_mail::Column as C;
        let rows = received_mail::Entity::update_many()
            .col_expr(C::DueToldAt, Expr::value(self.stored_now()))
            .filter(C::Id.is_in(near))
            .filter(is_undecided())
            .filter(C::DueToldAt.is_null())
            .exec_with_returning(&self.tx)
            .await?;
        let mut told = Vec::with_capacity(rows.len());
        for row in rows {
            let one = MailNearDue {
                mail: row::id(&row),
                state: row::state(&row)?,
                due_at: clock::moment(row.due_at.unwrap_or_default()),
            };
            let event = AuditEvent::new("near-due", Actor::System)
                .with(json!({ "due_at": one.due_at, "state": one.state }));
            self.audit_mail(one.mail, event);
            told.push(one);
        }
        told.sort_by_key(|one| one.due_at);
        Ok(told)
    }
}
