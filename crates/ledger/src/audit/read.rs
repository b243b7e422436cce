use habeas_domain::{
    RequestId, TypedId,
    audit::{AuditEntry, GENESIS},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::{Ledger, LedgerError, clock, entity::audit};

/// What stands for a hash that has not the length of one, so that it fits no chain.
const NO_HASH: [u8; 32] = [0xff; 32];
const _: () = assert!(NO_HASH[0] != GENESIS[0]);

impl Ledger {
    /// The audit trail of a request, oldest first.
    pub async fn audit_entries(&self, request: RequestId) -> Result<Vec<AuditEntry>, LedgerError> {
        let rows = audit::Entity::find()
            .filter(audit::Column::RequestId.eq(request.uuid()))
            .order_by_asc(audit::Column::Seq)
            .all(self.db())
            .await?;
        Ok(rows.into_iter().map(entry).collect())
    }
}

/// A row as an entry, whatever was done to it.
pub(super) fn entry(row: audit::Model) -> AuditEntry {
    AuditEntry {
        request: RequestId::from_uuid(row.request_id),
        seq: row.seq,
        at: clock::moment(row.at),
        actor: row.actor,
        event: row.event,
        detail: row.detail,
        previous: row.previous.try_into().unwrap_or(NO_HASH),
        hash: row.hash.try_into().unwrap_or(NO_HASH),
    }
}
