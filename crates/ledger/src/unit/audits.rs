//! What a transaction adds to the audit trails: each entry is a link of its request's chain.

use std::collections::{BTreeMap, BTreeSet};

use habeas_domain::{RequestId, TypedId, audit::AuditEntry};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{Unit, chunks};
use crate::{LedgerError, among::among, any_of::any_of, clock, entity::audit};

/// The number and the hash of the last link, by request.
type Heads = BTreeMap<RequestId, (i64, [u8; 32])>;

impl Unit<'_> {
    pub(super) async fn write_audits(&mut self) -> Result<(), LedgerError> {
        if self.audits.is_empty() {
            return Ok(());
        }
        let requests: BTreeSet<Uuid> = self.audits.iter().map(|(request, _)| request.uuid()).collect();
        let mut last = self.audit_heads(requests).await?;
        let mut rows = Vec::with_capacity(self.audits.len());
        for (request, event) in std::mem::take(&mut self.audits) {
            let entry = AuditEntry::after(request, last.get(&request).copied(), self.now, event);
            last.insert(request, (entry.seq, entry.hash));
            rows.push(audit::ActiveModel {
                request_id: Set(request.uuid()),
                seq: Set(entry.seq),
                at: Set(clock::stored(entry.at)),
                actor: Set(entry.actor),
                event: Set(entry.event),
                detail: Set(entry.detail),
                previous: Set(entry.previous.to_vec()),
                hash: Set(entry.hash.to_vec()),
            });
        }
        for rows in chunks(rows) {
            audit::Entity::insert_many(rows).exec_without_returning(&self.tx).await?;
        }
        Ok(())
    }

    /// The last link of each chain. Looked up by (request, highest number), so history costs nothing.
    async fn audit_heads(&self, requests: BTreeSet<Uuid>) -> Result<Heads, LedgerError> {
        if requests.len() == 1 {
            return self.audit_head_of_one(requests).await;
        }
        let highest: Vec<(Uuid, i64)> = audit::Entity::find()
            .select_only()
            .column(audit::Column::RequestId)
            .column_as(audit::Column::Seq.max(), "seq")
            .filter(among(audit::Column::RequestId, requests))
            .group_by(audit::Column::RequestId)
            .into_tuple()
            .all(&self.tx)
            .await?;
        if highest.is_empty() {
            return Ok(BTreeMap::new());
        }
        // Chains of requests at the same stage are of the same length: one list of ids each, which is planned fast.
        let mut by_seq: BTreeMap<i64, Vec<Uuid>> = BTreeMap::new();
        for (request, seq) in highest {
            by_seq.entry(seq).or_default().push(request);
        }
        let heads = any_of(by_seq.into_iter().map(|(seq, requests)| {
            sea_orm::Condition::all()
                .add(audit::Column::Seq.eq(seq))
                .add(among(audit::Column::RequestId, requests))
        }));
        Ok(links(audit::Entity::find().filter(heads).all(&self.tx).await?))
    }

    async fn audit_head_of_one(&self, request: BTreeSet<Uuid>) -> Result<Heads, LedgerError> {
        let last = audit::Entity::find()
            .filter(audit::Column::RequestId.is_in(request))
            .order_by_desc(audit::Column::Seq)
            .one(&self.tx)
            .await?;
        Ok(links(last))
    }
}

fn links(rows: impl IntoIterator<Item = audit::Model>) -> Heads {
    let link = |row: audit::Model| {
        let hash: [u8; 32] = row.hash.try_into().ok()?;
        Some((RequestId::from_uuid(row.request_id), (row.seq, hash)))
    };
    rows.into_iter().filter_map(link).collect()
}
