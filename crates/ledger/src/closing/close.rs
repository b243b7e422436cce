use habeas_domain::{Actor, ClosingId, StoreName, TypedId, audit::AuditEvent};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::json;

use super::{ClosingRefused, chain};
use crate::{Ledger, LedgerError, entity::store_closing};

/// A store that was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreClosed {
    /// This closing.
    pub id: ClosingId,
    /// How many pieces of work had begun, and go on to their end.
    pub working: u64,
}

impl Ledger {
    /// Closes a store: no work begins in it and nobody is resolved until it is reopened. What has begun goes on. `reason` is
    /// kept as it is, and must hold no personal data.
    pub async fn close_store(
        &self,
        store: &StoreName,
        reason: &str,
        by: Actor,
    ) -> Result<StoreClosed, LedgerError> {
        if self.closing_row(store).await?.is_some() {
            return Err(ClosingRefused::Closed.into());
        }
        let mut unit = self.begin().await?;
        let id: ClosingId = self.ids().fresh();
        let row = store_closing::ActiveModel {
            id: Set(id.uuid()),
            store: Set(store.to_string()),
            closed_store: Set(Some(store.to_string())),
            closed_at: Set(unit.stored_now()),
            closed_by: Set(by.to_string()),
            reason: Set(reason.to_owned()),
            whole: Set(false),
            ..Default::default()
        };
        let made = store_closing::Entity::insert(row).exec_without_returning(&unit.tx).await;
        made.map_err(LedgerError::from).map_err(closed_at_once)?;
        unit.audit(chain(id), AuditEvent::new("store-closed", by).with(json!({ "store": store })));
        unit.commit().await?;
        Ok(StoreClosed { id, working: self.still_in(store).await? })
    }
}

/// Somebody else closed it at the same moment.
fn closed_at_once(error: LedgerError) -> LedgerError {
    if error.is_race() { ClosingRefused::Closed.into() } else { error }
}
