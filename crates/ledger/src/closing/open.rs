//! Keeping work out of closed stores.

use habeas_domain::{StoreName, WorkKind, WorkState};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter,
    sea_query::{Expr, Query, SelectStatement, SimpleExpr},
};

use crate::{
    Ledger, LedgerError,
    claim::{Lease, handing_back, making_wait},
    clock,
    entity::{store_closing, work},
    fence,
    literal::work_is,
    unit::Unit,
};

/// The closings that stand in the way of a piece of work. The table has a row for each time that a store was restored, and
/// as a rule none without an end. Resolving and looking up ask every store, and would miss what a closed one holds, or find what is not so any more.
fn closings() -> SelectStatement {
    let column = |column| Expr::col((store_closing::Entity, column));
    let store = column(store_closing::Column::ClosedStore).eq(Expr::col((work::Entity, work::Column::Store)));
    let is = |kind: WorkKind| {
        Expr::col((work::Entity, work::Column::Kind)).eq(SimpleExpr::Constant(kind.as_str().into()))
    };
    let every_store = is(WorkKind::Resolve).or(is(WorkKind::LookUp));
    Query::select()
        .expr(Expr::value(1))
        .from(store_closing::Entity)
        .and_where(column(store_closing::Column::ClosedStore).is_not_null())
        .and_where(store.or(every_store))
        .to_owned()
}

/// Work that asks this store: its tasks, and every resolve.
pub(super) fn asks(store: &StoreName) -> Condition {
    Condition::any().add(work::Column::Store.eq(store.as_str())).add(is_resolve())
}

fn is_resolve() -> SimpleExpr {
    work::Column::Kind.eq(WorkKind::Resolve.as_str())
}

/// Nothing closed stands in the way of this work.
pub(crate) fn store_is_open() -> SimpleExpr {
    Expr::not_exists(closings())
}

/// Its store is closed, or it is about every store and one is.
fn is_closed() -> SimpleExpr {
    Expr::exists(closings())
}

impl Ledger {
    /// Puts work back that was claimed and may not enter its store because it was closed since: it waits, and no attempt is
    /// used up.
    pub(crate) async fn wait_outside(&self, leases: &[Lease]) -> Result<(), LedgerError> {
        if leases.is_empty() {
            return Ok(());
        }
        handing_back(leases).filter(is_closed()).exec(self.db()).await?;
        Ok(())
    }
}

impl Unit<'_> {
    /// Puts work back whose store was closed while it was under way: what it read may be half restored. It waits, and no attempt
    /// is used up. Returns the leases on what may be written.
    pub(crate) async fn unless_closed(&self, leases: &[Lease]) -> Result<Vec<Lease>, LedgerError> {
        let back = handing_back(leases).filter(is_closed()).exec_with_returning(&self.tx).await?;
        let back = fence::leases(&back);
        Ok(leases.iter().filter(|lease| !back.contains(lease)).copied().collect())
    }

    /// Fences off whatever could still come to its end with what it read in this store while that was closed: every resolve
    /// begins again, and a task whose lease has run out is left to whoever takes it over.
    pub(super) async fn begin_again_in(&self, store: &StoreName) -> Result<(), LedgerError> {
        making_wait(work::Entity::update_many())
            .filter(work_is(WorkState::Running))
            .filter(is_resolve())
            .exec(&self.tx)
            .await?;
        work::Entity::update_many()
            .col_expr(work::Column::LeaseEpoch, Expr::col(work::Column::LeaseEpoch).add(1))
            .filter(work_is(WorkState::Running))
            .filter(work::Column::Store.eq(store.as_str()))
            .filter(Expr::col(work::Column::LeaseUntil).lt(Expr::cust(clock::now_sql(self.backend()))))
            .exec(&self.tx)
            .await?;
        Ok(())
    }
}
