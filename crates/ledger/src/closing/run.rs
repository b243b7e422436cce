//! One run of re-erasing in a closed store.

use chrono::{DateTime, Utc};
use habeas_domain::{Actor, ClosingId, ReErasingId, StoreName, TypedId, audit::AuditEvent};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
};
use serde::{Deserialize, Serialize};

use super::{ClosingRefused, chain, row};
use crate::{Ledger, LedgerError, clock, corrupt::corrupt_json, entity::store_closing};

/// What the trail of a closing says of a run that looked at every row; its detail has what it did.
pub(super) const ENDED: &str = "re-erasing-ended";

/// A run that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReErasing {
    /// This run.
    pub id: ReErasingId,
    /// In which closing.
    pub closing: ClosingId,
    /// Of which store.
    pub store: StoreName,
    /// The moment that the restored backup shows: whoever was erased after it may be back.
    pub restored_to: DateTime<Utc>,
    /// When it began.
    pub began: DateTime<Utc>,
    /// Since when every erasure is remembered. What was erased between the backup and this moment cannot be found.
    pub complete_since: DateTime<Utc>,
    /// Who began it.
    pub by: Actor,
}

impl ReErasing {
    /// Whether everybody who may be back is remembered.
    pub fn is_complete(&self) -> bool {
        self.complete_since <= self.restored_to
    }
}

/// What a run did, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReErased {
    /// Rows that were looked at.
    pub scanned: u64,
    /// Erased people who were back.
    pub back: u64,
    /// Those of them who were erased again, and proven gone.
    pub re_erased: u64,
    /// The rows that this deleted or changed.
    pub rows: u64,
    /// People who are back and stay for a legal hold.
    pub held: u64,
    /// People whose rows carry an identifier that was not theirs when they were erased: for staff to look at.
    pub unclear: u64,
    /// People whose rows the store would not let go.
    pub failed: u64,
}

impl ReErased {
    /// Whether nobody is left who should not be.
    pub const fn is_whole(&self) -> bool {
        self.unclear == 0 && self.failed == 0
    }
}

impl Ledger {
    /// Begins a run. Refused while the store is open or work that had begun is still in it, and for a backup that would show
    /// what came after the closing: nobody was erased since, so nobody would be found.
    pub async fn begin_re_erasing(
        &self,
        store: &StoreName,
        restored_to: DateTime<Utc>,
        by: Actor,
    ) -> Result<ReErasing, LedgerError> {
        let closing = self.closing_row(store).await?.ok_or(ClosingRefused::Open)?;
        let closed_at = clock::moment(closing.closed_at);
        if clock::stored(restored_to) > closing.closed_at {
            return Err(ClosingRefused::RestoredLater(closed_at).into());
        }
        match self.still_in(store).await? {
            0 => {}
            working => return Err(ClosingRefused::Working(working).into()),
        }
        Ok(ReErasing {
            id: self.ids().fresh(),
            closing: row::id(&closing),
            store: store.clone(),
            restored_to,
            began: self.ids().now(),
            complete_since: self.erasures_complete_since().await?,
            by,
        })
    }

    /// Ends a run that looked at every row. The store may be reopened if it left nobody and nobody can have been forgotten.
    /// People whom it did not find any more are off the list.
    pub async fn end_re_erasing(&self, run: &ReErasing, did: &ReErased) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        let closing = unit.closing(&run.store).await?;
        if row::id(&closing) != run.closing {
            return Err(ClosingRefused::Open.into());
        }
        unit.forget_gone(run).await?;
        let whole = did.is_whole() && run.is_complete();
        let found =
            serde_json::to_value(did).map_err(|_| corrupt_json("store_closing", "found", closing.id))?;
        let ends = closing.run_id == Some(run.id.uuid());
        let run_ended_at = if ends { Some(unit.stored_now()) } else { closing.run_ended_at };
        let change = store_closing::ActiveModel {
            id: Unchanged(closing.id),
            run_ended_at: Set(run_ended_at),
            re_erased_at: Set(Some(unit.stored_now())),
            restored_to: Set(Some(clock::stored(run.restored_to))),
            whole: Set(whole),
            found: Set(Some(found.to_string())),
            ..Default::default()
        };
        change.update(&unit.tx).await?;
        let mut detail = found;
        detail["store"] = run.store.as_str().into();
        detail["restored_to"] = run.restored_to.to_rfc3339().into();
        detail["complete"] = run.is_complete().into();
        unit.audit(chain(run.closing), AuditEvent::new(ENDED, run.by).with(detail));
        unit.commit().await
    }
}
