//! One transaction: the rows it locks, and what it collects to write in as few statements as possible.

mod audits;

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use habeas_domain::{
    JobId, Letter, MailId, MessageId, RequestId, StoreName, TypedId, WorkId, WorkKind, WorkState,
    audit::AuditEvent,
};
use habeas_messages::{Announcement, queues};
use sea_orm::{
    ActiveValue::Set,
    DatabaseTransaction, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect, SqliteTransactionMode,
    TransactionOptions,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use crate::{
    Ledger, LedgerError, Outgoing,
    among::among,
    bounded::Bounded,
    changes::Changes,
    claim::Lease,
    clock,
    entity::{job, mail, outbox, request, work},
    fence,
    mail::MailState,
    sealed,
};

/// The most rows of one INSERT: PostgreSQL takes 65,535 values a statement, SQLite 32,766.
const ROWS_PER_INSERT: usize = 500;

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

/// Collecting.
impl Unit<'_> {
    pub(crate) fn audit(&mut self, request: RequestId, event: AuditEvent) {
        self.audits.push((request, event));
    }

    /// Makes a piece of work and, if it is due now, announces it.
    pub(crate) fn work(&mut self, new: &NewWork) {
        let id: WorkId = self.ledger.ids().fresh();
        let queue = queues::for_work(new.kind, new.store.as_ref());
        if new.not_before.is_none() {
            self.outgoing.push(Outgoing {
                id: self.ledger.ids().fresh::<MessageId>(),
                queue: queue.clone(),
                body: Announcement::new(new.kind, id, new.request).encode(),
                correlation: None,
            });
        }
        self.works.push(work::ActiveModel {
            id: Set(id.uuid()),
            kind: Set(new.kind.as_str().to_owned()),
            queue: Set(queue),
            request_id: Set(new.request.uuid()),
            job_id: Set(new.job.map(TypedId::uuid)),
            target_id: Set(new.target),
            store: Set(new.store.as_ref().map_or_else(String::new, ToString::to_string)),
            state: Set(WorkState::Waiting.as_str().to_owned()),
            attempts: Set(0),
            next_attempt_at: Set(new.not_before.map_or(0, clock::stored)),
            lease_epoch: Set(0),
            lease_until: Set(None),
            worker: Set(None),
            entered: Set(false),
            fault_code: Set(None),
            fault_detail: Set(None),
            created_at: Set(self.stored_now()),
            finished_at: Set(None),
        });
    }

    /// Publishes an answer that is not about work, such as a reply to the publisher of a submission.
    pub(crate) fn answer(&mut self, queue: String, body: String, correlation: Option<String>) {
        let id = self.ledger.ids().fresh::<MessageId>();
        self.outgoing.push(Outgoing { id, queue, body, correlation });
    }

    /// Announces work that exists already.
    pub(crate) fn announce(&mut self, row: &work::Model, kind: WorkKind) {
        let message =
            Announcement::new(kind, WorkId::from_uuid(row.id), RequestId::from_uuid(row.request_id));
        self.answer(row.queue.clone(), message.encode(), None);
    }

    /// The same, also where the notice was ordered before in this very transaction.
    pub(crate) fn mail_once(
        &mut self,
        of: &request::Model,
        recipient: &str,
        letter: &Letter,
        dedupe: String,
    ) -> Result<(), LedgerError> {
        if self.mails.iter().any(|row| row.dedupe.try_as_ref() == Some(&dedupe)) {
            return Ok(());
        }
        self.mail(of, None, recipient, letter, dedupe)
    }

    /// Orders a mail to `recipient`. `dedupe` names the notice: a second order of the same notice is ignored.
    pub(crate) fn mail(
        &mut self,
        of: &request::Model,
        job: Option<JobId>,
        recipient: &str,
        letter: &Letter,
        dedupe: String,
    ) -> Result<(), LedgerError> {
        let request = RequestId::from_uuid(of.id);
        let id: MailId = self.ledger.ids().fresh();
        let key = sealed::key(self.ledger.vault(), of)?;
        let vault = self.ledger.vault();
        self.mails.push(mail::ActiveModel {
            id: Set(id.uuid()),
            request_id: Set(of.id),
            job_id: Set(job.map(TypedId::uuid)),
            kind: Set(letter.kind().to_owned()),
            dedupe: Set(dedupe),
            state: Set(MailState::Waiting.as_str().to_owned()),
            recipient: Set(Some(vault.seal(&key, &sealed::recipient(id), recipient.as_bytes())?)),
            letter: Set(Some(vault.seal_json(&key, &sealed::letter(id), letter)?)),
            created_at: Set(self.stored_now()),
            sent_at: Set(None),
            undelivered_at: Set(None),
            undelivered_status: Set(None),
            undelivered_for_good: Set(false),
        });
        self.work(&NewWork {
            kind: WorkKind::Mail,
            request,
            job,
            target: id.uuid(),
            store: None,
            not_before: None,
        });
        Ok(())
    }
}

/// Writing.
impl Unit<'_> {
    /// Writes what was collected, commits, and hands the outbox rows to the relay of this process.
    pub(crate) async fn commit(mut self) -> Result<(), LedgerError> {
        std::mem::take(&mut self.changes).write(&self.tx).await?;
        self.write_mails().await?;
        for rows in chunks(std::mem::take(&mut self.works)) {
            let once = OnConflict::columns([work::Column::TargetId, work::Column::Kind, work::Column::Store])
                .do_nothing()
                .to_owned();
            work::Entity::insert_many(rows).on_conflict(once).exec_without_returning(&self.tx).await?;
        }
        let created = self.stored_now();
        for rows in chunks(self.outgoing.clone()) {
            let rows = rows.into_iter().map(|message| outbox::ActiveModel {
                id: Set(message.id.uuid()),
                queue: Set(message.queue),
                body: Set(message.body),
                correlation: Set(message.correlation),
                created_at: Set(created),
            });
            outbox::Entity::insert_many(rows).exec_without_returning(&self.tx).await?;
        }
        self.write_audits().await?;
        fail::fail_point!("ledger::before_commit");
        self.tx.commit().await?;
        fail::fail_point!("ledger::after_commit");
        self.ledger.0.announcer.announce(self.outgoing);
        if self.destroyed {
            match self.ledger.scrub().await {
                Ok(true) => {}
                Ok(false) => tracing::warn!(
                    "the files of the database still hold what was destroyed, sealed: this role does not own the table paper_content; see `habeas doctor`"
                ),
                Err(error) => tracing::warn!(
                    %error,
                    "the files of the database still hold what was destroyed; the next round tries again"
                ),
            }
        }
        Ok(())
    }

    /// Mails ordered before are left out together with their work, so that no notice is sent twice.
    async fn write_mails(&mut self) -> Result<(), LedgerError> {
        if self.mails.is_empty() {
            return Ok(());
        }
        let wanted: Vec<String> =
            self.mails.iter().filter_map(|row| row.dedupe.try_as_ref().cloned()).collect();
        let known: BTreeSet<String> = mail::Entity::find()
            .select_only()
            .column(mail::Column::Dedupe)
            .filter(among(mail::Column::Dedupe, wanted))
            .into_tuple::<String>()
            .all(&self.tx)
            .await?
            .into_iter()
            .collect();
        let mut dropped = BTreeSet::new();
        self.mails.retain(|row| {
            let again = row.dedupe.try_as_ref().is_some_and(|dedupe| known.contains(dedupe));
            if again && let Some(id) = row.id.try_as_ref() {
                dropped.insert(*id);
            }
            !again
        });
        self.works.retain(|row| row.target_id.try_as_ref().is_none_or(|target| !dropped.contains(target)));
        for rows in chunks(std::mem::take(&mut self.mails)) {
            mail::Entity::insert_many(rows).exec_without_returning(&self.tx).await?;
        }
        Ok(())
    }
}

/// Rows in as many groups as fit one INSERT each.
pub(crate) fn chunks<T>(rows: Vec<T>) -> impl Iterator<Item = Vec<T>> {
    let mut rows = rows.into_iter();
    std::iter::from_fn(move || {
        let chunk: Vec<T> = rows.by_ref().take(ROWS_PER_INSERT).collect();
        (!chunk.is_empty()).then_some(chunk)
    })
}
