use std::{collections::BTreeSet, time::Duration};

use habeas_domain::{
    Actor, Fault, RequestId, Retry, WorkKind, WorkState, audit::AuditEvent, letter::DELETION_NOTICE,
};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter,
    sea_query::{Expr, SimpleExpr},
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Ledger, LedgerError,
    claim::Lease,
    clock,
    entity::{job, mail, request, work},
    fence,
    mail::MailState,
    unit::Unit,
};

/// What becomes of work that failed. Decided in one place, `habeas-runtime`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Try again after so long.
    Retry {
        /// How long.
        after: Duration,
        /// Whether this time counts as an attempt. A pause that the other side asked for does not.
        counted: bool,
    },
    /// Wait for ops.
    Park,
}

/// Work that failed.
#[derive(Debug, Clone)]
pub struct Failed {
    /// The lease under which it ran.
    pub lease: Lease,
    /// For which request.
    pub request: RequestId,
    /// Why.
    pub fault: Fault,
    /// What becomes of it.
    pub next: Next,
}

impl Ledger {
    /// Records failures, each under its lease.
    pub async fn failed(&self, group: Vec<Failed>) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        unit.hold(group.iter().map(|one| one.request)).await?;
        let mut waiting = BTreeSet::new();
        for one in group {
            match one.next {
                Next::Retry { after, counted } => waiting.extend(unit.put_back(&one, after, counted).await?),
                Next::Park => unit.park(&one).await?,
            }
        }
        unit.stop_taken_back(&waiting).await?;
        unit.commit().await
    }
}

impl Unit<'_> {
    /// Returns the job, if it is a task.
    async fn put_back(
        &self,
        one: &Failed,
        after: Duration,
        counted: bool,
    ) -> Result<Option<Uuid>, LedgerError> {
        let mut update = work::Entity::update_many()
            .col_expr(work::Column::State, Expr::value(WorkState::Waiting.as_str()))
            .col_expr(work::Column::NextAttemptAt, clock::now_plus(self.backend(), clock::micros(after)))
            .col_expr(work::Column::LeaseUntil, Expr::value(Option::<i64>::None))
            .col_expr(work::Column::FaultCode, Expr::value(one.fault.code.clone()))
            .col_expr(work::Column::FaultDetail, Expr::value(one.fault.detail.clone()))
            .col_expr(work::Column::ThrottledSince, self.throttled_since(&one.fault))
            .filter(fence::held(&[one.lease]));
        if !counted {
            update = update.col_expr(work::Column::Attempts, Expr::col(work::Column::Attempts).sub(1));
        }
        let rows = update.exec_with_returning(&self.tx).await?;
        let task = rows.into_iter().find(|row| row.kind == WorkKind::Task.as_str());
        Ok(task.and_then(|row| row.job_id))
    }

    /// Since when work was asked to pause each time; nothing once it fails in another way.
    fn throttled_since(&self, fault: &Fault) -> SimpleExpr {
        let since = Expr::col(work::Column::ThrottledSince);
        match fault.retry {
            Retry::After(_) => since.if_null(Expr::cust(clock::now_sql(self.backend()))),
            _ => Expr::value(Option::<i64>::None),
        }
    }

    async fn park(&mut self, one: &Failed) -> Result<(), LedgerError> {
        let rows = work::Entity::update_many()
            .col_expr(work::Column::State, Expr::value(WorkState::Parked.as_str()))
            .col_expr(work::Column::LeaseUntil, Expr::value(Option::<i64>::None))
            .col_expr(work::Column::FaultCode, Expr::value(one.fault.code.clone()))
            .col_expr(work::Column::FaultDetail, Expr::value(one.fault.detail.clone()))
            .filter(fence::held(&[one.lease]))
            .exec_with_returning(&self.tx)
            .await?;
        let Some(row) = rows.first() else { return Ok(()) };
        let detail = json!({ "work": row.id, "kind": row.kind, "store": row.store, "fault": one.fault.code });
        self.audit(one.request, AuditEvent::new("work-parked", Actor::System).with(detail));
        if row.kind == WorkKind::Task.as_str() {
            self.settle(&[row], 1).await?;
        }
        if row.kind == WorkKind::Mail.as_str() {
            self.park_mail(row).await?;
        }
        Ok(())
    }

    async fn park_mail(&mut self, row: &work::Model) -> Result<(), LedgerError> {
        let mails = mail::Entity::update_many()
            .col_expr(mail::Column::State, Expr::value(MailState::Parked.as_str()))
            .filter(mail::Column::Id.eq(row.target_id))
            .exec_with_returning(&self.tx)
            .await?;
        let notice = mails.first().filter(|mail| mail.kind == DELETION_NOTICE);
        let Some(job) = notice.and_then(|mail| mail.job_id) else { return Ok(()) };
        let of = request::Entity::find_by_id(row.request_id).one(&self.tx).await?;
        let job = job::Entity::find_by_id(job).one(&self.tx).await?;
        // The other addresses of the person may be warned by now. The housekeeper begins the job when its grace is over.
        if let (Some(of), Some(mut job)) = (of, job) {
            self.begin_grace(&of, &mut job).await?;
        }
        Ok(())
    }
}
