use habeas_domain::{HoldId, TypedId};
use habeas_vault::WrappedKey;
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Func, SimpleExpr},
};

use super::row;
use crate::{Ledger, LedgerError, entity::hold};

/// What one step of rewrapping the keys of holds did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RewrappedHolds {
    /// Keys that are under the active wrapping key now.
    pub done: u64,
    /// Keys that the ring cannot unwrap, because it lacks their wrapping key or they were altered.
    pub failed: u64,
    /// Where the next step goes on; nothing when this was the last.
    pub next: Option<HoldId>,
}

/// The wrapping key that a stored key names: its bytes 2 to 9.
fn wrapped_by() -> SimpleExpr {
    Expr::expr(Func::cust("substr").arg(Expr::col(hold::Column::WrappedKey)).arg(2).arg(8))
}

impl Ledger {
    /// Puts the keys of up to `limit` holds under the active wrapping key, those behind `after` first.
    pub async fn rewrap_holds(
        &self,
        after: Option<HoldId>,
        limit: u64,
    ) -> Result<RewrappedHolds, LedgerError> {
        let active = self.vault().active_wrapping_key().as_bytes().to_vec();
        let due = hold::Entity::find()
            .filter(wrapped_by().ne(active))
            .filter(hold::Column::Id.gt(after.map_or_else(uuid::Uuid::nil, TypedId::uuid)))
            .order_by_asc(hold::Column::Id)
            .limit(limit)
            .all(self.db())
            .await?;
        let is_last = (due.len() as u64) < limit;
        let next = due.last().map(row::id).filter(|_| !is_last);
        let mut rewrapped = RewrappedHolds { next, ..RewrappedHolds::default() };
        let unit = self.begin().await?;
        for row in due {
            let owner = row::owner(row::id(&row));
            let fresh = WrappedKey::from_bytes(&row.wrapped_key)
                .and_then(|wrapped| self.vault().rewrap(&wrapped, &owner));
            let Ok(fresh) = fresh else {
                rewrapped.failed += 1;
                continue;
            };
            hold::Entity::update_many()
                .col_expr(hold::Column::WrappedKey, Expr::value(fresh.to_bytes()))
                .filter(hold::Column::Id.eq(row.id))
                .exec(&unit.tx)
                .await?;
            rewrapped.done += 1;
        }
        unit.commit().await?;
        Ok(rewrapped)
    }

    /// How many keys of holds each wrapping key wraps.
    pub(crate) async fn hold_wrapping_keys(&self) -> Result<Vec<(Vec<u8>, i64)>, LedgerError> {
        Ok(hold::Entity::find()
            .select_only()
            .expr_as(wrapped_by(), "wrapped_by")
            .expr_as(Expr::col(hold::Column::Id).count(), "keys")
            .group_by(Expr::col("wrapped_by"))
            .into_tuple()
            .all(self.db())
            .await?)
    }
}
