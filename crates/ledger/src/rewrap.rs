use std::collections::BTreeMap;

use habeas_domain::{RequestId, TypedId};
use habeas_vault::{KeyId, WrappedKey};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Func, SimpleExpr},
};
use uuid::Uuid;

use crate::{Ledger, LedgerError, entity::request, sealed};

/// What one step of rewrapping did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rewrapped {
    /// Keys that are under the active wrapping key now.
    pub done: u64,
    /// Keys that the ring cannot unwrap, because it lacks their wrapping key or they were altered.
    pub failed: u64,
    /// Where the next step goes on; nothing when this was the last.
    pub next: Option<RequestId>,
}

/// The wrapping key that a stored key names: its bytes 2 to 9 (see [`WrappedKey`]).
fn wrapped_by() -> SimpleExpr {
    let place = Func::cust("substr").arg(Expr::col(request::Column::WrappedKey)).arg(2).arg(8);
    Expr::expr(place)
}

impl Ledger {
    /// How many keys of requests, mails and holds each wrapping key wraps. Reads every one.
    pub async fn wrapping_keys(&self) -> Result<BTreeMap<KeyId, u64>, LedgerError> {
        let rows: Vec<(Vec<u8>, i64)> = request::Entity::find()
            .select_only()
            .expr_as(wrapped_by(), "wrapped_by")
            .expr_as(Expr::col(request::Column::Id).count(), "keys")
            .filter(request::Column::WrappedKey.is_not_null())
            .group_by(Expr::col("wrapped_by"))
            .into_tuple()
            .all(self.db())
            .await?;
        let (mails, holds) = (self.mail_wrapping_keys().await?, self.hold_wrapping_keys().await?);
        let mut all = BTreeMap::new();
        for (id, keys) in rows.into_iter().chain(mails).chain(holds) {
            let id = id.try_into().map_err(|_| LedgerError::Corrupt {
                table: "request",
                column: "wrapped_key",
                row: "some of them".to_owned(),
            })?;
            *all.entry(KeyId::from_bytes(id)).or_insert(0) += u64::try_from(keys).unwrap_or(0);
        }
        Ok(all)
    }

    /// Puts up to `limit` request keys under the active wrapping key, those behind `after` first, in one transaction.
    /// What they seal stays as it is. A step that was cut off changed nothing, and what is done is not done again.
    pub async fn rewrap(&self, after: Option<RequestId>, limit: u64) -> Result<Rewrapped, LedgerError> {
        let due = self.due_for_rewrap(after, limit).await?;
        let is_last = (due.len() as u64) < limit;
        let mut rewrapped =
            Rewrapped { next: due.last().copied().filter(|_| !is_last), ..Rewrapped::default() };
        let unit = self.begin().await?;
        let mut rows: Vec<_> = unit.lock(due).await?.into_values().collect();
        rows.sort_unstable_by_key(|row| row.id);
        for row in rows {
            // Erased in the meantime.
            let Some(wrapped) = &row.wrapped_key else { continue };
            let owner = sealed::owner(RequestId::from_uuid(row.id));
            let fresh =
                WrappedKey::from_bytes(wrapped).and_then(|wrapped| self.vault().rewrap(&wrapped, &owner));
            let Ok(fresh) = fresh else {
                rewrapped.failed += 1;
                continue;
            };
            request::Entity::update_many()
                .col_expr(request::Column::WrappedKey, Expr::value(fresh.to_bytes()))
                .filter(request::Column::Id.eq(row.id))
                .exec(&unit.tx)
                .await?;
            rewrapped.done += 1;
        }
        unit.commit().await?;
        Ok(rewrapped)
    }

    async fn due_for_rewrap(
        &self,
        after: Option<RequestId>,
        limit: u64,
    ) -> Result<Vec<RequestId>, LedgerError> {
        let active = self.vault().active_wrapping_key().as_bytes().to_vec();
        let ids: Vec<Uuid> = request::Entity::find()
            .select_only()
            .column(request::Column::Id)
            .filter(request::Column::WrappedKey.is_not_null())
            .filter(wrapped_by().ne(active))
            .filter(request::Column::Id.gt(after.map_or_else(Uuid::nil, TypedId::uuid)))
            .order_by_asc(request::Column::Id)
            .limit(limit)
            .into_tuple()
            .all(self.db())
            .await?;
        Ok(ids.into_iter().map(RequestId::from_uuid).collect())
    }
}
