//! Every closing that there was, also of stores that are open again.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use habeas_domain::{Actor, ClosingId, StoreName, TypedId as _};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{ReErased, row, run::ENDED};
use crate::{
    Ledger, LedgerError, clock,
    corrupt::{Listed, corrupt_json, parse},
    entity::{audit, store_closing},
};

/// The most closings that are listed.
const MOST: u64 = 500;

/// A closing as it is kept, whether or not the store is open again.
#[derive(Debug, Clone, PartialEq)]
pub struct PastClosing {
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
    /// The moment of the backup that the last re-erasing was told; nothing if none was begun.
    pub restored_to: Option<DateTime<Utc>>,
    /// How many people were erased again, in all re-erasings that looked at every row.
    pub re_erased: u64,
    /// How it was reopened; nothing while it is closed.
    pub reopened: Option<Reopened>,
}

/// The end of a closing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reopened {
    /// When.
    pub at: DateTime<Utc>,
    /// Who reopened the store.
    pub by: Actor,
    /// Why it was right to do so although not everybody was known to be erased again; nothing if they were.
    pub without: Option<String>,
}

impl Ledger {
    /// The closings of one store or of all, latest first: at most 500.
    pub async fn closings(&self, store: Option<&StoreName>) -> Result<Listed<PastClosing>, LedgerError> {
        let mut closings = store_closing::Entity::find();
        if let Some(store) = store {
            closings = closings.filter(store_closing::Column::Store.eq(store.as_str()));
        }
        let rows = closings
            .order_by_desc(store_closing::Column::ClosedAt)
            .order_by_desc(store_closing::Column::Id)
            .limit(MOST)
            .all(self.db())
            .await?;
        self.past(rows).await
    }

    /// One closing.
    pub async fn past_closing(&self, id: ClosingId) -> Result<PastClosing, LedgerError> {
        let rows = store_closing::Entity::find_by_id(id.uuid()).all(self.db()).await?;
        self.past(rows).await?.only("closing")
    }

    async fn past(&self, rows: Vec<store_closing::Model>) -> Result<Listed<PastClosing>, LedgerError> {
        let ended = audit::Entity::find()
            .filter(audit::Column::RequestId.is_in(rows.iter().map(|row| row.id)))
            .filter(audit::Column::Event.eq(ENDED))
            .all(self.db())
            .await?;
        let mut re_erased: HashMap<Uuid, Vec<String>> = HashMap::new();
        for entry in ended {
            re_erased.entry(entry.request_id).or_default().push(entry.detail);
        }
        Listed::read(rows, |row| read(row, &re_erased))
    }
}

fn read(row: store_closing::Model, ended: &HashMap<Uuid, Vec<String>>) -> Result<PastClosing, LedgerError> {
    let mut re_erased = 0;
    for detail in ended.get(&row.id).into_iter().flatten() {
        let did: ReErased =
            serde_json::from_str(detail).map_err(|_| corrupt_json("audit", "detail", row.id))?;
        re_erased += did.re_erased;
    }
    Ok(PastClosing {
        id: row::id(&row),
        store: parse(&row.store, "store_closing", "store", row.id)?,
        closed_at: clock::moment(row.closed_at),
        closed_by: parse(&row.closed_by, "store_closing", "closed_by", row.id)?,
        restored_to: row.run_restored_to.or(row.restored_to).map(clock::moment),
        re_erased,
        reopened: reopened(&row)?,
        reason: row.reason,
    })
}

fn reopened(row: &store_closing::Model) -> Result<Option<Reopened>, LedgerError> {
    let (Some(at), Some(by)) = (row.reopened_at, &row.reopened_by) else { return Ok(None) };
    let by = parse(by, "store_closing", "reopened_by", row.id)?;
    Ok(Some(Reopened { at: clock::moment(at), by, without: row.reopen_reason.clone() }))
}
