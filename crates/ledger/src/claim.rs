use std::time::Duration;

use habeas_domain::{JobId, RequestId, StoreName, TypedId, WorkId, WorkKind, WorkState, WorkerId};
use sea_orm::{
    ColumnTrait, Condition, DbBackend, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, UpdateMany,
    sea_query::{Expr, LockBehavior, LockType, SimpleExpr},
};
use uuid::Uuid;

use crate::{
    Failed, Ledger, LedgerError, Next, among::among, clock, closing::store_is_open, corrupt::parse,
    entity::work, fence, hold::no_hold, literal::named_work_is, take_back::not_taken_back,
};

/// The right to write about one piece of work, until somebody else claims it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lease {
    /// Which piece of work.
    pub work: WorkId,
    /// The fencing number: every claim raises it by one.
    pub epoch: i64,
}

/// A piece of work that a worker has just claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The lease on it.
    pub lease: Lease,
    /// What kind of work.
    pub kind: WorkKind,
    /// For which request.
    pub request: RequestId,
    /// For which job, if for one.
    pub job: Option<JobId>,
    /// What it is about: the job of a task or conclusion, the mail of a mail, the request otherwise.
    pub target: Uuid,
    /// In which store, for tasks.
    pub store: Option<StoreName>,
    /// How often it has been claimed and neither finished nor handed back, this time included.
    pub attempts: u32,
    /// Whether an attempt before this one went on to change the store ([`Ledger::enter`]) and never said how it ended.
    pub entered_before: bool,
    /// For how long its store has asked for a pause each time that it was tried.
    pub throttled: Duration,
}

impl Claimed {
    fn read(row: &work::Model, lease: Duration) -> Result<Self, LedgerError> {
        // The database's clock alone: it said until when the lease holds.
        let now = row.lease_until.unwrap_or_default() - clock::micros(lease);
        let throttled = row.throttled_since.map_or(0, |since| u64::try_from(now - since).unwrap_or(0));
        let store = match row.store.as_str() {
            "" => None,
            name => Some(parse(name, "work", "store", row.id)?),
        };
        Ok(Self {
            lease: Lease { work: WorkId::from_uuid(row.id), epoch: row.lease_epoch },
            kind: parse(&row.kind, "work", "kind", row.id)?,
            request: RequestId::from_uuid(row.request_id),
            job: row.job_id.map(JobId::from_uuid),
            target: row.target_id,
            store,
            attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            entered_before: row.entered,
            throttled: Duration::from_micros(throttled),
        })
    }
}

/// Due and unheld, or held by a lease that ran out.
fn claimable(backend: DbBackend) -> Condition {
    let now = || Expr::cust(clock::now_sql(backend));
    Condition::any()
        .add(named_work_is(WorkState::Waiting).and(Expr::col(work::Column::NextAttemptAt).lte(now())))
        .add(named_work_is(WorkState::Running).and(Expr::col(work::Column::LeaseUntil).lt(now())))
}

/// Of a kind that this program knows: in the middle of an upgrade the newer processes may have ordered others.
pub(crate) fn is_known() -> SimpleExpr {
    work::Column::Kind.is_in(WorkKind::ALL.map(WorkKind::as_str))
}

/// What becomes of a row that cannot be read: it waits for ops, instead of being rescued and claimed for ever.
fn unreadable(row: &work::Model, error: LedgerError) -> Failed {
    tracing::error!(work = %row.id, %error, "claimed work cannot be read; it is parked, and the rest of its group goes on");
    Failed {
        lease: Lease { work: WorkId::from_uuid(row.id), epoch: row.lease_epoch },
        request: RequestId::from_uuid(row.request_id),
        fault: error.into(),
        next: Next::Park,
    }
}

fn plus_one(column: work::Column) -> SimpleExpr {
    Expr::col(column).add(1)
}

/// Makes what is held under these leases wait again, as if it had not been claimed.
pub(crate) fn handing_back(leases: &[Lease]) -> UpdateMany<work::Entity> {
    making_wait(work::Entity::update_many()).filter(fence::held(leases))
}

/// Makes claimed work wait again: no attempt is used up, and whoever holds it writes nothing more.
pub(crate) fn making_wait(update: UpdateMany<work::Entity>) -> UpdateMany<work::Entity> {
    update
        .col_expr(work::Column::State, Expr::value(WorkState::Waiting.as_str()))
        .col_expr(work::Column::Attempts, Expr::col(work::Column::Attempts).sub(1))
        .col_expr(work::Column::LeaseUntil, Expr::value(Option::<i64>::None))
}

impl Ledger {
    /// Takes a lease on as many of `ids` as are due and unheld. One statement for the whole group. Work of a kind that
    /// only a later release knows is left to that.
    pub async fn claim(
        &self,
        ids: &[WorkId],
        worker: WorkerId,
        lease: Duration,
    ) -> Result<Vec<Claimed>, LedgerError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let backend = self.db().get_database_backend();
        let mut free = work::Entity::find()
            .select_only()
            .column(work::Column::Id)
            .filter(among(work::Column::Id, ids.iter().map(|id| id.uuid())))
            .filter(claimable(backend))
            .filter(store_is_open())
            .filter(is_known())
            .order_by_asc(work::Column::Id)
            .into_query();
        if backend == DbBackend::Postgres {
            free.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        }
        let rows = work::Entity::update_many()
            .col_expr(work::Column::State, Expr::value(WorkState::Running.as_str()))
            .col_expr(work::Column::LeaseEpoch, plus_one(work::Column::LeaseEpoch))
            .col_expr(work::Column::Attempts, plus_one(work::Column::Attempts))
            .col_expr(work::Column::LeaseUntil, clock::now_plus(backend, clock::micros(lease)))
            .col_expr(work::Column::Worker, Expr::value(worker.uuid()))
            .filter(work::Column::Id.in_subquery(free))
            .exec_with_returning(self.db())
            .await?;
        let (mut claimed, mut failed) = (Vec::with_capacity(rows.len()), Vec::new());
        for row in &rows {
            match Claimed::read(row, lease) {
                Ok(one) => claimed.push(one),
                Err(error) => failed.push(unreadable(row, error)),
            }
        }
        if !failed.is_empty()
            && let Err(error) = self.failed(failed).await
        {
            tracing::warn!(%error, "work that cannot be read was not parked; its lease will run out");
        }
        Ok(claimed)
    }

    /// Prolongs leases. Returns those still held; the others belong to somebody else now, and their work must stop.
    pub async fn heartbeat(&self, leases: &[Lease], lease: Duration) -> Result<Vec<Lease>, LedgerError> {
        if leases.is_empty() {
            return Ok(Vec::new());
        }
        let until = clock::now_plus(self.db().get_database_backend(), clock::micros(lease));
        let rows = work::Entity::update_many()
            .col_expr(work::Column::LeaseUntil, until)
            .filter(fence::held(leases))
            .exec_with_returning(self.db())
            .await?;
        Ok(fence::leases(&rows))
    }

    /// Marks tasks as being about to change their store, unless their lease or their job is gone or taken back, a legal hold
    /// stands in their way or the store was closed. From here on a withdrawal or a hold is too late for them.
    pub async fn enter(&self, leases: &[Lease]) -> Result<Vec<Lease>, LedgerError> {
        if leases.is_empty() {
            return Ok(Vec::new());
        }
        let rows = work::Entity::update_many()
            .col_expr(work::Column::Entered, Expr::value(true))
            .filter(fence::held(leases))
            .filter(no_hold())
            .filter(not_taken_back())
            .filter(store_is_open())
            .exec_with_returning(self.db())
            .await?;
        let entered = fence::leases(&rows);
        let refused: Vec<Lease> = leases.iter().filter(|one| !entered.contains(one)).copied().collect();
        self.let_go(&refused).await?;
        self.hold_back(&refused).await?;
        self.wait_outside(&refused).await?;
        Ok(entered)
    }

    /// Hands work back at a shutdown, as if it had not been claimed: no attempt is used up.
    pub async fn release(&self, leases: &[Lease]) -> Result<(), LedgerError> {
        if leases.is_empty() {
            return Ok(());
        }
        handing_back(leases).exec(self.db()).await?;
        Ok(())
    }
}
