//! Forgetting erasures once no backup lives that is older.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Query},
};
use uuid::Uuid;

use crate::{
    Ledger, LedgerError, clock,
    entity::{erased_key, erasure, erasure_horizon, request, request_key, store_closing},
};

impl Ledger {
    /// Forgets up to `limit` erasures from before `before`, oldest first. Whoever is back in a store is not forgotten, nor is
    /// anybody while a store is closed.
    pub async fn prune_erasures(&self, before: DateTime<Utc>, limit: u64) -> Result<u64, LedgerError> {
        let unit = self.begin().await?;
        let closed = store_closing::Entity::find()
            .filter(store_closing::Column::ClosedStore.is_not_null())
            .one(&unit.tx)
            .await?;
        if closed.is_some() {
            return Ok(0);
        }
        let old = erasure::Entity::find()
            .filter(erasure::Column::ErasedAt.lt(clock::stored(before)))
            .filter(erasure::Column::Back.is_null())
            .order_by_asc(erasure::Column::ErasedAt)
            .limit(limit)
            .all(&unit.tx)
            .await?;
        let Some(last) = old.last() else { return Ok(0) };
        // First of all: from now on nobody may take the list for whole.
        erasure_horizon::Entity::update_many()
            .col_expr(erasure_horizon::Column::CompleteSince, Expr::value(last.erased_at + 1))
            .filter(erasure_horizon::Column::CompleteSince.lte(last.erased_at))
            .exec(&unit.tx)
            .await?;
        let rows = old.iter().map(|row| {
            Condition::all()
                .add(erasure::Column::RequestId.eq(row.request_id))
                .add(erasure::Column::Store.eq(row.store.as_str()))
                .add(erasure::Column::Since.eq(row.since))
        });
        erasure::Entity::delete_many().filter(crate::any_of::any_of(rows)).exec(&unit.tx).await?;
        unit.drop_erased_keys(old.iter().map(|row| row.request_id).collect()).await?;
        unit.commit().await?;
        Ok(old.len() as u64)
    }
}

impl crate::unit::Unit<'_> {
    /// The hashes of those of whom no erasure is remembered any more. Holds still meet the keys of a request that is kept.
    async fn drop_erased_keys(&self, requests: Vec<Uuid>) -> Result<(), LedgerError> {
        erased_key::Entity::delete_many()
            .filter(erased_key::Column::RequestId.is_in(requests.iter().copied()))
            .filter(Expr::not_exists(remembered(Expr::col((
                erased_key::Entity,
                erased_key::Column::RequestId,
            )))))
            .exec(&self.tx)
            .await?;
        let purged = Query::select()
            .column(request::Column::Id)
            .from(request::Entity)
            .and_where(request::Column::Id.is_in(requests))
            .and_where(request::Column::WrappedKey.is_null())
            .to_owned();
        request_key::Entity::delete_many()
            .filter(request_key::Column::RequestId.in_subquery(purged))
            .filter(Expr::not_exists(remembered(Expr::col((
                request_key::Entity,
                request_key::Column::RequestId,
            )))))
            .exec(&self.tx)
            .await?;
        Ok(())
    }
}

/// The erasures by a request that are remembered.
pub(crate) fn remembered(
    request: impl Into<sea_orm::sea_query::SimpleExpr>,
) -> sea_orm::sea_query::SelectStatement {
    Query::select()
        .expr(Expr::value(1))
        .from(erasure::Entity)
        .and_where(Expr::col((erasure::Entity, erasure::Column::RequestId)).eq(request.into()))
        .to_owned()
}
