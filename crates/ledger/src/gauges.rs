use std::{collections::BTreeSet, time::Duration};

use chrono::TimeDelta;
use sea_orm::{
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, Select,
    sea_query::{Expr, SimpleExpr},
};

use crate::{
    Ledger, LedgerError, ParkedFault, WorkCount, clock,
    entity::{outbox, request},
    literal::ALARM_AT,
    view::disputed,
};

/// What metrics show about the state database, read in a few statements that history does not slow down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gauges {
    /// Open requests by when their last day ends, as the law can be read at its strictest.
    pub open: OpenByDue,
    /// Open requests of which the receipt is not confirmed yet, where the law sets a day for that.
    pub unacknowledged: OpenByDue,
    /// Requests with an objection that staff have yet to settle.
    pub disputed: u64,
    /// Legal holds that are placed.
    pub holds: u64,
    /// Those of them of which the day of review has come.
    pub holds_to_review: u64,
    /// Legal holds that are about the typed keys alone, because a store has yet to answer.
    pub holds_not_whole: u64,
    /// Jobs that wait for a hold to be lifted.
    pub held_jobs: u64,
    /// The stores that are closed.
    pub closed_stores: BTreeSet<String>,
    /// Erased people who were found in a restored store again and are there still.
    pub erased_back: u64,
    /// Work that has not ended, by kind, store and state.
    pub work: Vec<WorkCount>,
    /// Parked work by the code of its fault.
    pub parked: Vec<ParkedFault>,
    /// Messages that wait to be published.
    pub outbox: OutboxBacklog,
}

/// Open requests by when their last day ends. Each is in one bucket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OpenByDue {
    /// Past their last day.
    pub overdue: u64,
    /// Due within 72 hours.
    pub within_72h: u64,
    /// Due within 7 days, but not 72 hours.
    pub within_7d: u64,
    /// Due later.
    pub later: u64,
}

/// Messages that wait to be published.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OutboxBacklog {
    /// How many.
    pub messages: u64,
    /// For how long the oldest of them has waited.
    pub oldest: Duration,
}

impl Ledger {
    /// Everything at once.
    pub async fn gauges(&self) -> Result<Gauges, LedgerError> {
        let (holds, holds_to_review) = self.count_holds().await?;
        let holds_not_whole = self.count_holds_not_whole().await?;
        Ok(Gauges {
            holds,
            holds_to_review,
            holds_not_whole,
            closed_stores: self.closed_names().await?,
            erased_back: self.count_people_back().await?,
            held_jobs: self.count_held_jobs().await?,
            open: self.open_by_due().await?,
            unacknowledged: self.unacknowledged_by_due().await?,
            disputed: request::Entity::find().filter(disputed()).count(self.db()).await?,
            work: self.work_counts().await?,
            parked: self.parked_by_fault().await?,
            outbox: self.outbox_backlog().await?,
        })
    }

    /// Open requests by when their last day ends, as the law can be read at its strictest: what is too late then may not
    /// be, and is looked at in time.
    pub async fn open_by_due(&self) -> Result<OpenByDue, LedgerError> {
        let open = request::Entity::find().filter(request::Column::ClosedAt.is_null());
        self.by_due(open, request::Column::Id, ALARM_AT).await
    }

    /// Rows by when their last day ends, which `due_at` says.
    pub(crate) async fn by_due<E: EntityTrait>(
        &self,
        open: Select<E>,
        id: E::Column,
        due_at: &str,
    ) -> Result<OpenByDue, LedgerError> {
        let now = self.ids().now();
        let until = |ahead: TimeDelta| clock::stored(now + ahead);
        let edges = [until(TimeDelta::zero()), until(TimeDelta::hours(72)), until(TimeDelta::days(7))];
        let counts: Option<(i64, i64, i64, i64)> = open
            .select_only()
            .expr_as(due_before(due_at, edges[0]), "overdue")
            .expr_as(due_before(due_at, edges[1]), "within_72h")
            .expr_as(due_before(due_at, edges[2]), "within_7d")
            .column_as(id.count(), "all")
            .into_tuple()
            .one(self.db())
            .await?;
        let (overdue, soon, week, all) = counts.unwrap_or_default();
        let between = |more: i64, less: i64| u64::try_from(more - less).unwrap_or(0);
        Ok(OpenByDue {
            overdue: between(overdue, 0),
            within_72h: between(soon, overdue),
            within_7d: between(week, soon),
            later: between(all, week),
        })
    }

    /// Messages that wait to be published.
    pub async fn outbox_backlog(&self) -> Result<OutboxBacklog, LedgerError> {
        let found: Option<(i64, Option<i64>)> = outbox::Entity::find()
            .select_only()
            .column_as(outbox::Column::Id.count(), "messages")
            .column_as(outbox::Column::CreatedAt.min(), "oldest")
            .into_tuple()
            .one(self.db())
            .await?;
        let (messages, oldest) = found.unwrap_or_default();
        let waited = oldest.map_or(0, |oldest| clock::stored(self.ids().now()) - oldest);
        Ok(OutboxBacklog {
            messages: messages.unsigned_abs(),
            oldest: Duration::from_micros(u64::try_from(waited).unwrap_or(0)),
        })
    }
}

/// How many are due before a moment.
fn due_before(due_at: &str, edge: i64) -> SimpleExpr {
    Expr::cust(format!("COUNT(CASE WHEN {due_at} < {edge} THEN 1 END)"))
}
