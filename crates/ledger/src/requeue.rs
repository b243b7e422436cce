use std::collections::BTreeSet;

use habeas_domain::{
    Actor, JobState, RequestId, TypedId, WorkId, WorkKind, WorkState, audit::AuditEvent, job::JobEvent,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Ledger, LedgerError,
    claim::is_known,
    corrupt::parse,
    each::together_or_each,
    entity::{job, mail, work},
    mail::MailState,
    unit::Unit,
};

/// The most pieces of work that one call puts back.
const AT_ONCE: u64 = 500;

/// How many ids one call of [`Ledger::requeue`] takes.
pub const MOST_REQUEUED: usize = 500;

impl Ledger {
    /// Puts parked work back by id. Returns how many were parked.
    pub async fn requeue(&self, ids: &[WorkId], by: Actor) -> Result<u64, LedgerError> {
        self.requeue_where(Condition::all().add(work::Column::Id.is_in(ids.iter().map(|id| id.uuid()))), by)
            .await
    }

    /// Puts back parked work that failed with this code, up to 500 at a time. Returns how many.
    pub async fn requeue_by_fault(&self, code: &str, by: Actor) -> Result<u64, LedgerError> {
        self.requeue_where(Condition::all().add(work::Column::FaultCode.eq(code)), by).await
    }

    /// What is parked with this code now, by id.
    pub async fn parked_with(&self, code: &str) -> Result<Vec<WorkId>, LedgerError> {
        let ids: Vec<Uuid> = work::Entity::find()
            .select_only()
            .column(work::Column::Id)
            .filter(work::Column::State.eq(WorkState::Parked.as_str()))
            .filter(work::Column::FaultCode.eq(code))
            .order_by_asc(work::Column::Id)
            .into_tuple()
            .all(self.db())
            .await?;
        Ok(ids.into_iter().map(WorkId::from_uuid).collect())
    }

    async fn requeue_where(&self, which: Condition, by: Actor) -> Result<u64, LedgerError> {
        let which = which.add(work::Column::State.eq(WorkState::Parked.as_str())).add(is_known());
        let found: Vec<(Uuid, Uuid)> = work::Entity::find()
            .select_only()
            .columns([work::Column::Id, work::Column::RequestId])
            .filter(which)
            .limit(AT_ONCE)
            .into_tuple()
            .all(self.db())
            .await?;
        let requests: BTreeSet<RequestId> =
            found.iter().map(|(_, request)| RequestId::from_uuid(*request)).collect();
        let back = |of: Vec<RequestId>| {
            let ids = found.iter().filter(|(_, request)| of.contains(&RequestId::from_uuid(*request)));
            self.put_back(of.clone(), ids.map(|(id, _)| *id).collect(), by)
        };
        together_or_each("put parked work back", requests.into_iter().collect(), back).await
    }

    async fn put_back(
        &self,
        requests: Vec<RequestId>,
        ids: Vec<Uuid>,
        by: Actor,
    ) -> Result<u64, LedgerError> {
        let mut unit = self.begin().await?;
        let mut requests = unit.lock(requests).await?;
        let rows = work::Entity::update_many()
            .col_expr(work::Column::State, Expr::value(WorkState::Waiting.as_str()))
            .col_expr(work::Column::Attempts, Expr::value(0))
            .col_expr(work::Column::NextAttemptAt, Expr::value(0))
            .col_expr(work::Column::ThrottledSince, Expr::value(Option::<i64>::None))
            .filter(work::Column::State.eq(WorkState::Parked.as_str()))
            .filter(work::Column::Id.is_in(ids))
            .exec_with_returning(&unit.tx)
            .await?;
        let mails = unit.reopen(&rows, by).await?;
        unit.asked_late(requests.values_mut(), &rows, &mails);
        unit.commit().await?;
        Ok(rows.len() as u64)
    }
}

impl Unit<'_> {
    /// Returns the mails among it.
    async fn reopen(&mut self, rows: &[work::Model], by: Actor) -> Result<Vec<mail::Model>, LedgerError> {
        for row in rows {
            self.announce(row, parse(&row.kind, "work", "kind", row.id)?);
            let detail = json!({ "work": row.id, "kind": row.kind, "store": row.store });
            self.audit(
                RequestId::from_uuid(row.request_id),
                AuditEvent::new("work-requeued", by).with(detail),
            );
        }
        let mails = rows.iter().filter(|row| row.kind == WorkKind::Mail.as_str()).map(|row| row.target_id);
        let mails = mail::Entity::update_many()
            .col_expr(mail::Column::State, Expr::value(MailState::Waiting.as_str()))
            .filter(mail::Column::Id.is_in(mails))
            .exec_with_returning(&self.tx)
            .await?;
        let tasks: Vec<&work::Model> =
            rows.iter().filter(|row| row.kind == WorkKind::Task.as_str()).collect();
        let ids: BTreeSet<_> = tasks.iter().filter_map(|row| row.job_id).collect();
        for mut job in job::Entity::find().filter(job::Column::Id.is_in(ids)).all(&self.tx).await? {
            let back = tasks.iter().filter(|row| row.job_id == Some(job.id)).count();
            let back = i64::try_from(back).unwrap_or(i64::MAX);
            job.tasks_open += back;
            job.tasks_parked -= back;
            if job.state == JobState::Stalled.as_str() {
                self.step(&mut job, JobEvent::Requeued, by)?;
            } else {
                self.save(&job);
            }
        }
        Ok(mails)
    }
}
