//! The last entries of chains, and what is signed about them.

use std::collections::BTreeSet;

use habeas_domain::{RequestId, TypedId};
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::read::entry;
use crate::{Ledger, LedgerError, entity::audit};

/// How many chains one statement asks for.
pub(super) const AT_ONCE: usize = 500;

/// One entry of a chain, by its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) request: RequestId,
    pub(super) seq: i64,
    pub(super) hash: [u8; 32],
}

/// SHA-256 over heads, sorted by the ids of their requests.
pub(super) struct Root {
    hash: Sha256,
    pub(super) chains: u64,
}

impl Root {
    pub(super) fn new() -> Self {
        Self { hash: Sha256::new_with_prefix(b"habeas.audit-checkpoint.v1"), chains: 0 }
    }

    pub(super) fn add(&mut self, head: &Head) {
        self.hash.update(head.request.uuid().as_bytes());
        self.hash.update(head.seq.to_be_bytes());
        self.hash.update(head.hash);
        self.chains += 1;
    }

    pub(super) fn finish(self) -> ([u8; 32], u64) {
        (self.hash.finalize().into(), self.chains)
    }
}

impl Ledger {
    /// The heads of the next chains after `last`, by the ids of their requests.
    pub(super) async fn heads_after(&self, last: Option<Uuid>) -> Result<Vec<Head>, LedgerError> {
        let highest: Vec<(Uuid, i64)> = audit::Entity::find()
            .select_only()
            .column(audit::Column::RequestId)
            .column_as(audit::Column::Seq.max(), "seq")
            .filter(Condition::all().add_option(last.map(|id| audit::Column::RequestId.gt(id))))
            .group_by(audit::Column::RequestId)
            .order_by_asc(audit::Column::RequestId)
            .limit(AT_ONCE as u64)
            .into_tuple()
            .all(self.db())
            .await?;
        self.entries_at(&highest).await
    }

    /// The entries at these places, those that exist, by the ids of their requests.
    pub(super) async fn entries_at(&self, places: &[(Uuid, i64)]) -> Result<Vec<Head>, LedgerError> {
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let requests: BTreeSet<Uuid> = places.iter().map(|(request, _)| *request).collect();
        let any = places.iter().fold(Condition::any(), |any, (request, seq)| {
            any.add(audit::Column::RequestId.eq(*request).and(audit::Column::Seq.eq(*seq)))
        });
        let rows = audit::Entity::find()
            .filter(audit::Column::RequestId.is_in(requests))
            .filter(any)
            .order_by_asc(audit::Column::RequestId)
            .all(self.db())
            .await?;
        Ok(rows
            .into_iter()
            .map(entry)
            .map(|entry| Head { request: entry.request, seq: entry.seq, hash: entry.hash })
            .collect())
    }
}
