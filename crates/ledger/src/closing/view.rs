use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use habeas_domain::{Actor, ClosingId, StoreName, audit::AuditEntry};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{ReErased, RunView, chain, row};
use crate::{
    Ledger, LedgerError, PersonBack, clock,
    corrupt::{corrupt_json, parse},
    entity::store_closing,
};

/// A closed store.
#[derive(Debug, Clone, PartialEq)]
pub struct ClosingView {
    /// This closing.
    pub id: ClosingId,
    /// Which store.
    pub store: StoreName,
    /// When it was closed.
    pub closed_at: DateTime<Utc>,
    /// Who closed it.
    pub closed_by: Actor,
    /// Why.
    pub reason: String,
    /// How many pieces of work that had begun are still in it.
    pub working: u64,
    /// The last re-erasing that was begun.
    pub run: Option<RunView>,
    /// When a re-erasing that looked at every row ended last.
    pub re_erased_at: Option<DateTime<Utc>>,
    /// The moment of the backup that it was told.
    pub restored_to: Option<DateTime<Utc>>,
    /// What it did.
    pub did: Option<ReErased>,
    /// Whether the store may be reopened.
    pub whole: bool,
    /// Since when every erasure is remembered.
    pub complete_since: DateTime<Utc>,
    /// The erased people who are back, as far as they were found.
    pub back: Vec<PersonBack>,
}

impl Ledger {
    /// The stores that are closed, by name.
    pub async fn closed_stores(&self) -> Result<Vec<ClosingView>, LedgerError> {
        let rows = store_closing::Entity::find()
            .filter(store_closing::Column::ClosedStore.is_not_null())
            .order_by_asc(store_closing::Column::Store)
            .all(self.db())
            .await?;
        let mut views = Vec::with_capacity(rows.len());
        for row in &rows {
            views.push(self.closing_view(row).await?);
        }
        Ok(views)
    }

    /// The closing of one store; nothing if it is open.
    pub async fn closed_store(&self, store: &StoreName) -> Result<Option<ClosingView>, LedgerError> {
        match self.closing_row(store).await? {
            Some(row) => Ok(Some(self.closing_view(&row).await?)),
            None => Ok(None),
        }
    }

    /// What was done about a closing, oldest first.
    pub async fn closing_trail(&self, closing: ClosingId) -> Result<Vec<AuditEntry>, LedgerError> {
        self.audit_entries(chain(closing)).await
    }

    /// The names of the stores that are closed.
    pub(crate) async fn closed_names(&self) -> Result<BTreeSet<String>, LedgerError> {
        let names: Vec<String> = store_closing::Entity::find()
            .select_only()
            .column(store_closing::Column::Store)
            .filter(store_closing::Column::ClosedStore.is_not_null())
            .into_tuple()
            .all(self.db())
            .await?;
        Ok(names.into_iter().collect())
    }

    /// How many stores are closed.
    pub async fn count_closed_stores(&self) -> Result<u64, LedgerError> {
        let closed = store_closing::Entity::find().filter(store_closing::Column::ClosedStore.is_not_null());
        Ok(closed.count(self.db()).await?)
    }

    async fn closing_view(&self, row: &store_closing::Model) -> Result<ClosingView, LedgerError> {
        let store: StoreName = parse(&row.store, "store_closing", "store", row.id)?;
        let unreadable = |_| corrupt_json("store_closing", "found", row.id);
        Ok(ClosingView {
            id: row::id(row),
            closed_at: clock::moment(row.closed_at),
            closed_by: parse(&row.closed_by, "store_closing", "closed_by", row.id)?,
            reason: row.reason.clone(),
            working: self.still_in(&store).await?,
            run: self.run_view(row).await?,
            re_erased_at: row.re_erased_at.map(clock::moment),
            restored_to: row.restored_to.map(clock::moment),
            did: row.found.as_deref().map(serde_json::from_str).transpose().map_err(unreadable)?,
            whole: row.whole,
            complete_since: self.erasures_complete_since().await?,
            back: self.people_back(&store).await?,
            store,
        })
    }
}
