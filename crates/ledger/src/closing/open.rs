//! Keeping work out of closed stores.

use habeas_domain::WorkKind;
use sea_orm::{
    ExprTrait, QueryFilter,
    sea_query::{Expr, Query, SelectStatement, SimpleExpr},
};

use crate::{
    Ledger, LedgerError,
    claim::{Lease, handing_back},
    entity::{store_closing, work},
};

/// The closings that stand in the way of a piece of work. The table has a row for each time that a store was restored, and
/// as a rule none without an end. Resolving asks every store, and would miss what a closed one holds.
fn closings() -> SelectStatement {
    let column = |column| Expr::col((store_closing::Entity, column));
    let store = column(store_closing::Column::ClosedStore).eq(Expr::col((work::Entity, work::Column::Store)));
    let resolve = Expr::col((work::Entity, work::Column::Kind))
        .eq(SimpleExpr::Constant(WorkKind::Resolve.as_str().into()));
    Query::select()
        .expr(Expr::value(1))
        .from(store_closing::Entity)
        .and_where(column(store_closing::Column::ClosedStore).is_not_null())
        .and_where(store.or(resolve))
        .to_owned()
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
