use std::time::Duration;

use habeas_domain::{MessageId, RequestId, TypedId, WorkId, WorkKind, WorkState};
use habeas_messages::Announcement;
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, Query, SimpleExpr},
};
use uuid::Uuid;

use crate::{
    Ledger, LedgerError, Outgoing, claim::is_known, clock, closing::store_is_open, corrupt::parse,
    entity::work, literal::work_is,
};

/// Work that a worker had, and of which it let the lease run out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Abandoned {
    /// Which piece of work.
    pub work: WorkId,
    /// The queue on which it was announced.
    pub queue: String,
}

impl Ledger {
    /// What is due and was claimed by nobody, as announcements: for the reconciler, which takes no hint and re-reads the
    /// truth. Of every queue the `per_queue` longest due, so that a queue that nobody serves holds up no other. Work that
    /// became due less than `grace` ago is left to its own announcement; what is due again after a failure has none.
    pub async fn due(&self, grace: Duration, per_queue: u64) -> Result<Vec<Outgoing>, LedgerError> {
        let backend = self.db().get_database_backend();
        let before = clock::now_plus(backend, -clock::micros(grace));
        let passed_over = Expr::col(work::Column::NextAttemptAt)
            .lte(before.clone())
            .and(Expr::col(work::Column::CreatedAt).lte(before));
        let overdue = work_is(WorkState::Waiting)
            .and(Expr::col(work::Column::NextAttemptAt).lte(Expr::cust(clock::now_sql(backend))))
            .and(work::Column::Attempts.gt(0).or(passed_over));
        let rows = first_of_each_queue(overdue, per_queue).all(self.db()).await?;
        rows.iter().map(|row| self.announcement(row)).collect()
    }

    /// The work of these queues that dead workers left, of each the `per_queue` longest due. No message about it need be
    /// left in any queue.
    pub async fn abandoned(&self, queues: &[String], per_queue: u64) -> Result<Vec<Abandoned>, LedgerError> {
        if queues.is_empty() {
            return Ok(Vec::new());
        }
        let now = Expr::cust(clock::now_sql(self.db().get_database_backend()));
        let left = work_is(WorkState::Running)
            .and(Expr::col(work::Column::LeaseUntil).lt(now))
            .and(work::Column::Queue.is_in(queues));
        let rows: Vec<(Uuid, String)> = first_of_each_queue(left, per_queue)
            .select_only()
            .columns([work::Column::Id, work::Column::Queue])
            .into_tuple()
            .all(self.db())
            .await?;
        Ok(rows.into_iter().map(|(id, queue)| Abandoned { work: WorkId::from_uuid(id), queue }).collect())
    }

    fn announcement(&self, row: &work::Model) -> Result<Outgoing, LedgerError> {
        let kind: WorkKind = parse(&row.kind, "work", "kind", row.id)?;
        let message =
            Announcement::new(kind, WorkId::from_uuid(row.id), RequestId::from_uuid(row.request_id));
        Ok(Outgoing {
            id: self.ids().fresh::<MessageId>(),
            queue: row.queue.clone(),
            body: message.encode(),
            correlation: None,
        })
    }
}

/// Of all work of which this is true, the longest due of every queue.
fn first_of_each_queue(is_meant: SimpleExpr, per_queue: u64) -> Select<work::Entity> {
    let place = Expr::cust("ROW_NUMBER() OVER (PARTITION BY queue ORDER BY next_attempt_at, id)");
    let placed = work::Entity::find()
        .select_only()
        .column(work::Column::Id)
        .expr_as(place, "place")
        .filter(is_meant)
        .filter(is_known())
        .filter(store_is_open())
        .into_query();
    let first = Query::select()
        .column("id")
        .from_subquery(placed, "placed")
        .and_where(Expr::col("place").lte(per_queue))
        .to_owned();
    work::Entity::find().filter(work::Column::Id.in_subquery(first)).order_by_asc(work::Column::NextAttemptAt)
}
