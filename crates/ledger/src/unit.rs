//! One transaction: the rows it locks, and what it collects to write in as few statements as possible.

mod audits;
mod collect;
mod measured;
mod write;

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use habeas_domain::{JobId, RequestId, StoreName, TypedId, WorkKind, WorkState, audit::AuditEvent};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    SqliteTransactionMode, Statement, TransactionOptions, sea_query::Expr,
};
use uuid::Uuid;

pub(crate) use measured::SettledTask;
pub(crate) use write::chunks;

use crate::{
    Ledger, LedgerError, Outgoing,
    among::among,
    bounded::Bounded,
    changes::Changes,
    claim::Lease,
    clock,
    entity::{job, mail, request, work},
    fence,
};

/// A piece of work to be made.
pub(crate) struct NewWork {
    pub(crate) kind: WorkKind,
    pub(crate) request: RequestId,
    pub(crate) job: Option<JobId>,
    pub(crate) target: Uuid,
    pub(crate) store: Option<StoreName>,
    /// When it becomes due; nothing means at once.
    pub(crate) not_before: Option<DateTime<Utc>>,
}

/// A transaction of the ledger. Dropped without [`Unit::commit`], it changes nothing.
pub(crate) struct Unit<'a> {
    pub(crate) ledger: &'a Ledger,
    pub(crate) tx: Bounded<DatabaseTransaction>,
    pub(crate) now: DateTime<Utc>,
    pub(crate) changes: Changes,
    /// Whether bytes were deleted that must not lie on anywhere.
    pub(crate) destroyed: bool,
    /// The tasks that were settled.
    pub(crate) settled: Vec<SettledTask>,
    audits: Vec<(RequestId, AuditEvent)>,
    works: Vec<work::ActiveModel>,
    mails: Vec<mail::ActiveModel>,
    outgoing: Vec<Outgoing>,
}

impl Ledger {
    pub(crate) async fn begin(&self) -> Result<Unit<'_>, LedgerError> {
        let mode = (self.db().get_database_backend() == DbBackend::Sqlite)
            .then_some(SqliteTransactionMode::Immediate);
        let options = TransactionOptions { sqlite_transaction_mode: mode, ..Default::default() };
        Ok(Unit {
            ledger: self,
            tx: self.db().begin(options).await?,
            now: self.ids().now(),
            changes: Changes::default(),
            destroyed: false,
            settled: Vec::new(),
            audits: Vec::new(),
            works: Vec::new(),
            mails: Vec::new(),
            outgoing: Vec::new(),
        })
    }
}

/// Locking and reading.
impl Unit<'_> {
    pub(crate) fn backend(&self) -> DbBackend {
        self.tx.get_database_backend()
    }

    /// The present moment by the database's clock, as stored.
    pub(crate) async fn database_now(&self) -> Result<i64, LedgerError> {
        let sql = format!("SELECT {} AS now", clock::now_sql(self.backend()));
        let row = self.tx.query_one_raw(Statement::from_string(self.backend(), sql)).await?;
        Ok(row.map(|row| row.try_get::<i64>("", "now")).transpose()?.unwrap_or(i64::MIN))
    }

    pub(crate) fn stored_now(&self) -> i64 {
        clock::stored(self.now)
    }

    /// Locks these requests, always in the order of their ids, so that two transactions never wait for each
    /// other. Everything that happens to one request happens one after another.
    pub(crate) async fn lock(
        &self,
        ids: impl IntoIterator<Item = RequestId>,
    ) -> Result<HashMap<RequestId, request::Model>, LedgerError> {
        let ids: BTreeSet<Uuid> = ids.into_iter().map(TypedId::uuid).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = request::Entity::find()
            .filter(among(request::Column::Id, ids))
            .order_by_asc(request::Column::Id)
            .lock_exclusive()
            .all(&self.tx)
            .await?;
        Ok(rows.into_iter().map(|row| (RequestId::from_uuid(row.id), row)).collect())
    }

    /// The same, where their rows are not needed.
    pub(crate) async fn hold(&self, ids: impl IntoIterator<Item = RequestId>) -> Result<(), LedgerError> {
        let ids: BTreeSet<Uuid> = ids.into_iter().map(TypedId::uuid).collect();
        if ids.is_empty() {
            return Ok(());
        }
        request::Entity::find()
            .select_only()
            .column(request::Column::Id)
            .filter(among(request::Column::Id, ids))
            .order_by_asc(request::Column::Id)
            .lock_exclusive()
            .into_tuple::<Uuid>()
            .all(&self.tx)
            .await?;
        Ok(())
    }

    pub(crate) async fn jobs_of(
        &self,
        requests: impl IntoIterator<Item = RequestId>,
    ) -> Result<Vec<job::Model>, LedgerError> {
        let ids = requests.into_iter().map(TypedId::uuid);
        Ok(job::Entity::find()
            .filter(among(job::Column::RequestId, ids))
            .order_by_asc(job::Column::Id)
            .all(&self.tx)
            .await?)
    }

    /// Finishes work under these leases. Returns the leases that still held; whatever belongs to the others
    /// must not be written.
    pub(crate) async fn finish(&self, leases: &[Lease]) -> Result<Vec<work::Model>, LedgerError> {
        if leases.is_empty() {
            return Ok(Vec::new());
        }
        let rows = work::Entity::update_many()
            .col_expr(work::Column::State, Expr::value(WorkState::Done.as_str()))
            .col_expr(work::Column::FinishedAt, Expr::value(self.stored_now()))
            .col_expr(work::Column::LeaseUntil, Expr::value(Option::<i64>::None))
            .col_expr(work::Column::FaultCode, Expr::value(Option::<String>::None))
            .col_expr(work::Column::FaultDetail, Expr::value(Option::<String>::None))
            .filter(fence::held(leases))
            .exec_with_returning(&self.tx)
            .await?;
        if rows.len() < leases.len() {
            tracing::warn!(lost = leases.len() - rows.len(), "stale leases: their results were not written");
            metrics_stale(leases.len() - rows.len());
        }
        Ok(rows)
    }
}

fn metrics_stale(count: usize) {
    metrics::counter!("habeas_stale_writes_refused_total").increment(count as u64);
}
