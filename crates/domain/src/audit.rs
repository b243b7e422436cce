//! The audit trail: one hash chain per request, append-only.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use crate::{Actor, RequestId, TypedId};

/// The hash before the first entry.
pub const GENESIS: [u8; 32] = [0; 32];

/// What happened, before it has its place in the chain. Holds no personal data: ids, counts, names of stores
/// and fields, codes of errors.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEvent {
    /// A short stable word, such as `identity-proven`.
    pub event: String,
    /// Who caused it.
    pub actor: Actor,
    /// More about it.
    pub detail: serde_json::Value,
}

impl AuditEvent {
    /// An event without further detail.
    pub fn new(event: &str, actor: Actor) -> Self {
        Self { event: event.to_owned(), actor, detail: serde_json::Value::Null }
    }

    /// Adds detail, which must hold no personal data.
    #[must_use]
    pub fn with(mut self, detail: serde_json::Value) -> Self {
        self.detail = detail;
        self
    }
}

/// One link of a request's chain.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Whose chain it is.
    pub request: RequestId,
    /// Its place, from 1.
    pub seq: i64,
    /// When, to the microsecond.
    pub at: DateTime<Utc>,
    /// Who caused it, as [`Actor`] prints.
    pub actor: String,
    /// What happened.
    pub event: String,
    /// More about it, as JSON text exactly as stored.
    pub detail: String,
    /// The hash of the entry before, [`GENESIS`] for the first.
    pub previous: [u8; 32],
    /// SHA-256 over all of the above.
    pub hash: [u8; 32],
}

/// Where a chain is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainBreak {
    /// An entry is missing or out of order.
    #[error("request {request}: entry {expected} is missing or out of order")]
    Gap {
        /// Whose chain.
        request: RequestId,
        /// The place where another entry stands.
        expected: i64,
    },
    /// An entry was changed.
    #[error("request {request}: entry {seq} was changed")]
    Changed {
        /// Whose chain.
        request: RequestId,
        /// Which entry.
        seq: i64,
    },
}

impl AuditEntry {
    /// Puts `event` behind `last` (or first, if there is none).
    pub fn after(
        request: RequestId,
        last: Option<(i64, [u8; 32])>,
        at: DateTime<Utc>,
        event: AuditEvent,
    ) -> Self {
        let (seq, previous) = last.map_or((1, GENESIS), |(seq, hash)| (seq + 1, hash));
        let at = DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at);
        let mut entry = Self {
            request,
            seq,
            at,
            actor: event.actor.to_string(),
            event: event.event,
            detail: event.detail.to_string(),
            previous,
            hash: GENESIS,
        };
        entry.hash = entry.computed_hash();
        entry
    }

    /// The hash that this entry should have.
    pub fn computed_hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"habeas.audit.v1");
        hash.update(self.request.uuid().as_bytes());
        hash.update(self.seq.to_be_bytes());
        hash.update(self.at.timestamp_micros().to_be_bytes());
        for text in [&self.actor, &self.event, &self.detail] {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text.as_bytes());
        }
        hash.update(self.previous);
        hash.finalize().into()
    }
}

/// Checks one request's whole chain, in order from the first entry.
pub fn verify_chain<'a>(entries: impl IntoIterator<Item = &'a AuditEntry>) -> Result<(), ChainBreak> {
    let mut last: Option<(i64, [u8; 32])> = None;
    for entry in entries {
        let (expected, previous) = last.map_or((1, GENESIS), |(seq, hash)| (seq + 1, hash));
        if entry.seq != expected {
            return Err(ChainBreak::Gap { request: entry.request, expected });
        }
        if entry.previous != previous || entry.hash != entry.computed_hash() {
            return Err(ChainBreak::Changed { request: entry.request, seq: entry.seq });
        }
        last = Some((entry.seq, entry.hash));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn chain(length: i64) -> Vec<AuditEntry> {
        let request = RequestId::from_uuid(Uuid::from_u128(7));
        let mut entries: Vec<AuditEntry> = Vec::new();
        for _ in 0..length {
            let last = entries.last().map(|entry| (entry.seq, entry.hash));
            let event = AuditEvent::new("tested", Actor::System).with(serde_json::json!({"n": length}));
            entries.push(AuditEntry::after(request, last, DateTime::UNIX_EPOCH, event));
        }
        entries
    }

    #[test]
    fn an_untouched_chain_verifies() {
        assert_eq!(verify_chain(&chain(5)), Ok(()));
    }

    #[test]
    fn edits_deletions_and_reordering_are_found() {
        let mut edited = chain(5);
        edited[2].detail = "{}".to_owned();
        assert!(matches!(verify_chain(&edited), Err(ChainBreak::Changed { seq: 3, .. })));

        let mut deleted = chain(5);
        deleted.remove(1);
        assert!(matches!(verify_chain(&deleted), Err(ChainBreak::Gap { expected: 2, .. })));

        let mut swapped = chain(5);
        swapped.swap(3, 4);
        assert!(verify_chain(&swapped).is_err());
    }
}
