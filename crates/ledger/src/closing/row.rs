//! Finding the closing of a store.

use habeas_domain::{ClosingId, StoreName, TypedId, WorkState};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QuerySelect, sea_query::Expr,
};

use super::{ClosingRefused, open};
use crate::{
    Ledger, LedgerError, clock,
    entity::{store_closing, work},
    literal::work_is,
    unit::Unit,
};

pub(super) fn id(row: &store_closing::Model) -> ClosingId {
    ClosingId::from_uuid(row.id)
}

fn of(store: &StoreName) -> sea_orm::Select<store_closing::Entity> {
    store_closing::Entity::find().filter(store_closing::Column::ClosedStore.eq(store.as_str()))
}

impl Ledger {
    pub(super) async fn closing_row(
        &self,
        store: &StoreName,
    ) -> Result<Option<store_closing::Model>, LedgerError> {
        Ok(of(store).one(self.db()).await?)
    }

    /// How many pieces of work that had begun when a store was closed are not done yet: in the store, or resolving, which asks
    /// every store. One whose lease has run out is in nobody's hands any more, and waits like the others.
    pub(super) async fn still_in(&self, store: &StoreName) -> Result<u64, LedgerError> {
        let now = clock::now_sql(self.db().get_database_backend());
        let running = work::Entity::find()
            .filter(open::asks(store))
            .filter(work_is(WorkState::Running))
            .filter(Expr::col(work::Column::LeaseUntil).gte(Expr::cust(now)));
        Ok(running.count(self.db()).await?)
    }
}

impl Unit<'_> {
    /// The closing of a store, locked.
    pub(super) async fn closing(&self, store: &StoreName) -> Result<store_closing::Model, LedgerError> {
        let found = of(store).lock_exclusive().one(&self.tx).await?;
        Ok(found.ok_or(ClosingRefused::Open)?)
    }
}
