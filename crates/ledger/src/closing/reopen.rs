use habeas_domain::{Actor, StoreName, audit::AuditEvent};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
};
use serde_json::json;

use super::{ClosingRefused, chain, row};
use crate::{Ledger, LedgerError, entity::store_closing, race::again_after_race};

impl Ledger {
    /// Reopens a store: its work goes on. Refused until a re-erasing has ended with nothing left, unless `without` says why
    /// the store may be reopened all the same; whether the caller may say so is for the caller to know.
    pub async fn reopen_store(
        &self,
        store: &StoreName,
        without: Option<&str>,
        by: Actor,
    ) -> Result<(), LedgerError> {
        again_after_race(|| self.reopen_store_once(store, without, by)).await
    }

    async fn reopen_store_once(
        &self,
        store: &StoreName,
        without: Option<&str>,
        by: Actor,
    ) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        let closing = unit.closing(store).await?;
        if !closing.whole && without.is_none() {
            return Err(ClosingRefused::NotReErased.into());
        }
        let change = store_closing::ActiveModel {
            id: Unchanged(closing.id),
            closed_store: Set(None),
            reopened_at: Set(Some(unit.stored_now())),
            reopened_by: Set(Some(by.to_string())),
            reopen_reason: Set(without.map(str::to_owned)),
            ..Default::default()
        };
        change.update(&unit.tx).await?;
        unit.begin_again_in(store).await?;
        let detail = json!({ "store": store, "re_erased": closing.whole });
        unit.audit(chain(row::id(&closing)), AuditEvent::new("store-reopened", by).with(detail));
        unit.commit().await
    }
}
