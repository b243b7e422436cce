//! How far the last run of re-erasing in a closed store is.

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, Utc};
use habeas_domain::{Actor, Fault, RequestId, TypedId, audit::AuditEvent};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, Condition, DbBackend, EntityTrait, ExprTrait, QueryFilter,
    sea_query::Expr,
};
use serde_json::json;

use super::{ClosingRefused, ReErasing, chain, row};
use crate::{
    Ledger, LedgerError, clock,
    corrupt::{corrupt_json, parse},
    entity::store_closing,
};

/// How long a run counts as under way after its last sign of life, by the database's clock.
pub const RUN_LEASE: Duration = Duration::from_secs(30);

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunState {
    /// It goes on.
    UnderWay,
    /// It looked at every row.
    Ended,
    /// Something was in its way.
    Failed,
    /// Its process is gone.
    CutOff,
}

impl RunState {
    /// The name used in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnderWay => "under-way",
            Self::Ended => "ended",
            Self::Failed => "failed",
            Self::CutOff => "cut-off",
        }
    }
}

/// The last run of re-erasing in a closed store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunView {
    /// When it began.
    pub began: DateTime<Utc>,
    /// Who began it.
    pub by: Actor,
    /// The moment of the backup that it was told.
    pub restored_to: DateTime<Utc>,
    /// The requests of which it was told that a person had looked.
    pub confirmed: BTreeSet<RequestId>,
    /// How it stands.
    pub state: RunState,
    /// When it ended or failed.
    pub ended: Option<DateTime<Utc>>,
    /// Why it failed. No personal data.
    pub fault: Option<String>,
}

/// Closings in which a run has shown life of late.
pub(crate) fn is_under_way(backend: DbBackend) -> Condition {
    Condition::all()
        .add(store_closing::Column::RunEndedAt.is_null())
        .add(Expr::col(store_closing::Column::RunUntil).gte(Expr::cust(clock::now_sql(backend))))
}

/// The closing of this run, unless another run has begun since.
fn of(run: &ReErasing) -> Condition {
    Condition::all()
        .add(store_closing::Column::Id.eq(run.closing.uuid()))
        .add(store_closing::Column::RunId.eq(run.id.uuid()))
        .add(store_closing::Column::RunEndedAt.is_null())
}

impl Ledger {
    /// Notes that a run begins, before it changes anything: with what it was told, so that it can be begun again. Whoever wants
    /// to be `alone` is refused while another is under way; two at once do nothing twice.
    pub async fn re_erasing_begins(
        &self,
        run: &ReErasing,
        confirmed: &BTreeSet<RequestId>,
        alone: bool,
    ) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        let closing = unit.closing(&run.store).await?;
        if row::id(&closing) != run.closing {
            return Err(ClosingRefused::Open.into());
        }
        let live = store_closing::Entity::find_by_id(closing.id).filter(is_under_way(unit.backend()));
        if alone && live.one(&unit.tx).await?.is_some() {
            let since = clock::moment(closing.run_began_at.unwrap_or_default());
            return Err(ClosingRefused::UnderWay(since).into());
        }
        let change = store_closing::ActiveModel {
            id: Unchanged(closing.id),
            run_id: Set(Some(run.id.uuid())),
            run_began_at: Set(Some(clock::stored(run.began))),
            run_by: Set(Some(run.by.to_string())),
            run_restored_to: Set(Some(clock::stored(run.restored_to))),
            run_confirmed: Set(Some(json!(confirmed).to_string())),
            run_ended_at: Set(None),
            run_fault: Set(None),
            ..Default::default()
        };
        change.update(&unit.tx).await?;
        let detail = json!({ "store": run.store, "restored_to": run.restored_to.to_rfc3339(), "confirmed": confirmed });
        unit.audit(chain(run.closing), AuditEvent::new("re-erasing-begun", run.by).with(detail));
        store_closing::Entity::update_many()
            .col_expr(
                store_closing::Column::RunUntil,
                clock::now_plus(unit.backend(), clock::micros(RUN_LEASE)),
            )
            .filter(of(run))
            .exec(&unit.tx)
            .await?;
        unit.commit().await
    }

    /// A sign of life of a run.
    pub async fn re_erasing_goes_on(&self, run: &ReErasing) -> Result<(), LedgerError> {
        let until = clock::now_plus(self.db().get_database_backend(), clock::micros(RUN_LEASE));
        store_closing::Entity::update_many()
            .col_expr(store_closing::Column::RunUntil, until)
            .filter(of(run))
            .exec(self.db())
            .await?;
        Ok(())
    }

    /// Notes why a run could not go on.
    pub async fn re_erasing_failed(&self, run: &ReErasing, fault: &Fault) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        store_closing::Entity::update_many()
            .col_expr(store_closing::Column::RunEndedAt, Expr::value(unit.stored_now()))
            .col_expr(store_closing::Column::RunFault, Expr::value(fault.to_string()))
            .filter(of(run))
            .exec(&unit.tx)
            .await?;
        let detail = json!({ "store": run.store, "fault": fault.code });
        unit.audit(chain(run.closing), AuditEvent::new("re-erasing-failed", run.by).with(detail));
        unit.commit().await
    }

    /// The last run in a closing.
    pub(super) async fn run_view(&self, row: &store_closing::Model) -> Result<Option<RunView>, LedgerError> {
        let (Some(began), Some(by), Some(restored_to)) =
            (row.run_began_at, row.run_by.as_deref(), row.run_restored_to)
        else {
            return Ok(None);
        };
        let unreadable = |_| corrupt_json("store_closing", "run_confirmed", row.id);
        let confirmed = row.run_confirmed.as_deref().map(serde_json::from_str).transpose();
        Ok(Some(RunView {
            began: clock::moment(began),
            by: parse(by, "store_closing", "run_by", row.id)?,
            restored_to: clock::moment(restored_to),
            confirmed: confirmed.map_err(unreadable)?.unwrap_or_default(),
            state: self.run_state(row).await?,
            ended: row.run_ended_at.map(clock::moment),
            fault: row.run_fault.clone(),
        }))
    }

    async fn run_state(&self, row: &store_closing::Model) -> Result<RunState, LedgerError> {
        if row.run_ended_at.is_some() {
            return Ok(if row.run_fault.is_some() { RunState::Failed } else { RunState::Ended });
        }
        let live = is_under_way(self.db().get_database_backend());
        let live = store_closing::Entity::find_by_id(row.id).filter(live).one(self.db()).await?;
        Ok(if live.is_some() { RunState::UnderWay } else { RunState::CutOff })
    }
}
