//! Where a plan meets the holds.

use std::collections::{BTreeSet, HashMap};

use habeas_domain::{HoldId, RequestId, TypedId};
use sea_orm::{
    ActiveValue::Set,
    ConnectionTrait, DbBackend, EntityTrait, ExprTrait, JoinType, QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict, Query, SimpleExpr},
};
use uuid::Uuid;

use crate::{
    LedgerError, Planned,
    among::among,
    entity::{hold_key, job_hold, request_key, work},
    unit::{Unit, chunks},
};

/// Our advisory lock on PostgreSQL between plans and holds: its two halves. See also `race`.
const LOCK: &str = "18499, 0";

/// The holds that stand in the way of planned deletions, by request.
pub(crate) type Met = HashMap<RequestId, BTreeSet<HoldId>>;

/// No hold stands in the way of all of the job of this work. What a hold stops is in a state that nobody can enter. This is
/// asked besides, in the statement itself, for what was in its store when the hold came and is tried again, and for
/// what it put off.
pub(crate) fn no_hold() -> SimpleExpr {
    let stands = Query::select()
        .expr(Expr::value(1))
        .from(job_hold::Entity)
        .and_where(
            Expr::col((job_hold::Entity, job_hold::Column::JobId))
                .eq(Expr::col((work::Entity, work::Column::JobId))),
        )
        .and_where(Expr::col((job_hold::Entity, job_hold::Column::Whole)).eq(true))
        .to_owned();
    Expr::not_exists(stands)
}

impl Unit<'_> {
    /// Keeps holds from being placed or lifted until this transaction ends, so that either this plan sees the hold or the
    /// hold sees this plan. Many plans share it. Taken before the requests are locked. SQLite has one writer in any case.
    pub(crate) async fn meet_holds(&self) -> Result<(), LedgerError> {
        self.lock_holds("pg_advisory_xact_lock_shared").await
    }

    /// Lets no plan with a deletion be stored until this transaction ends.
    pub(super) async fn alone_among_holds(&self) -> Result<(), LedgerError> {
        self.lock_holds("pg_advisory_xact_lock").await
    }

    async fn lock_holds(&self, function: &str) -> Result<(), LedgerError> {
        if self.backend() == DbBackend::Postgres {
            self.tx.execute_unprepared(&format!("SELECT {function}({LOCK})")).await?;
        }
        Ok(())
    }

    /// Keeps the keys of planned deletions for holds that are placed later, and returns the holds that are placed.
    pub(crate) async fn holds_of(&self, group: &[Planned]) -> Result<Met, LedgerError> {
        let mut rows = BTreeSet::new();
        for one in group.iter().filter(|one| !one.removes.is_empty()) {
            rows.insert((one.request.uuid(), self.ledger.held_request_lookup(one.request)));
            rows.extend(one.removes.iter().map(|key| (one.request.uuid(), self.ledger.held_key_lookup(key))));
        }
        let requests: BTreeSet<Uuid> = rows.iter().map(|(request, _)| *request).collect();
        if requests.is_empty() {
            return Ok(Met::new());
        }
        self.keep_met_by(rows).await?;
        self.met(requests).await
    }

    /// Keeps what holds that are placed later meet requests by.
    pub(crate) async fn keep_met_by(&self, rows: BTreeSet<(Uuid, Vec<u8>)>) -> Result<(), LedgerError> {
        let once = OnConflict::columns([request_key::Column::RequestId, request_key::Column::Lookup])
            .do_nothing()
            .to_owned();
        for rows in chunks(rows.into_iter().collect()) {
            let rows = rows.into_iter().map(|(request, lookup)| request_key::ActiveModel {
                request_id: Set(request),
                lookup: Set(lookup),
            });
            request_key::Entity::insert_many(rows)
                .on_conflict(once.clone())
                .exec_without_returning(&self.tx)
                .await?;
        }
        Ok(())
    }

    pub(crate) async fn met(&self, requests: BTreeSet<Uuid>) -> Result<Met, LedgerError> {
        let same = request_key::Entity::belongs_to(hold_key::Entity)
            .from(request_key::Column::Lookup)
            .to(hold_key::Column::Lookup)
            .into();
        let found: Vec<(Uuid, Uuid)> = request_key::Entity::find()
            .select_only()
            .column(request_key::Column::RequestId)
            .column(hold_key::Column::HoldId)
            .join(JoinType::InnerJoin, same)
            .filter(among(request_key::Column::RequestId, requests))
            .into_tuple()
            .all(&self.tx)
            .await?;
        let mut met = Met::new();
        for (request, hold) in found {
            met.entry(RequestId::from_uuid(request)).or_default().insert(HoldId::from_uuid(hold));
        }
        Ok(met)
    }
}
