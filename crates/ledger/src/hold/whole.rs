//! A hold is whole once the stores were asked for the further keys of whom it is about. Until then it is about the keys that
//! staff typed, and the stores are asked again and again: one that was away may be back.

use chrono::TimeDelta;
use habeas_domain::{HeldKey, HoldId};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use uuid::Uuid;

use super::row;
use crate::{Ledger, LedgerError, among::among, clock, entity::hold};

/// Between two times that the stores are asked about one hold. Whoever places it asks at once; the first time is for the case
/// that they could not, or died.
pub(super) const PAUSE: TimeDelta = TimeDelta::minutes(1);

/// A hold of which the stores are to be asked.
#[derive(Debug, Clone)]
pub struct HoldToWiden {
    /// The hold.
    pub id: HoldId,
    /// The keys that it is about so far.
    pub keys: Vec<HeldKey>,
}

impl Ledger {
    /// Holds of which the stores are to be asked now: those that have waited longest, and no more than `limit`. They are not
    /// among these again for a minute, so that several processes may ask, and one that is never answered keeps no other back.
    /// [`Ledger::complete_hold`] takes one off for good.
    pub async fn holds_to_widen(&self, limit: u64) -> Result<Vec<HoldToWiden>, LedgerError> {
        let now = self.ids().now();
        let due = hold::Entity::find()
            .filter(hold::Column::LiftedAt.is_null())
            .filter(hold::Column::AskStoresAt.lte(clock::stored(now)))
            .order_by_asc(hold::Column::AskStoresAt)
            .limit(limit)
            .all(self.db())
            .await?;
        let ids: Vec<Uuid> = due.iter().map(|row| row.id).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        hold::Entity::update_many()
            .col_expr(hold::Column::AskStoresAt, Expr::value(clock::stored(now + PAUSE)))
            .filter(among(hold::Column::Id, ids))
            // One that was completed in between stays so.
            .filter(Expr::col(hold::Column::AskStoresAt).is_not_null())
            .exec(self.db())
            .await?;
        Ok(due.iter().filter_map(|row| self.to_widen(row)).collect())
    }

    /// How many holds wait for an answer of the stores that whoever placed them did not get.
    pub(crate) async fn count_holds_not_whole(&self) -> Result<u64, LedgerError> {
        Ok(hold::Entity::find()
            .filter(hold::Column::LiftedAt.is_null())
            .filter(hold::Column::AskStoresAt.is_not_null())
            .count(self.db())
            .await?)
    }

    fn to_widen(&self, row: &hold::Model) -> Option<HoldToWiden> {
        let id = row::id(row);
        match row::open(self.vault(), row) {
            Ok(matter) => Some(HoldToWiden { id, keys: matter.keys }),
            Err(error) => {
                tracing::error!(hold = %id, %error, "a legal hold cannot be completed: what it is about cannot be read");
                None
            }
        }
    }
}
