use std::io::Write;

use chrono::{DateTime, Utc};
use habeas_domain::{MessageId, TypedId};
use habeas_vault::Signature;
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::heads::Root;
use crate::{Ledger, LedgerError, clock, entity::audit_checkpoint};

/// What a checkpoint's signature is for.
pub(super) const PURPOSE: &str = "audit-checkpoint";

/// A signed statement of how every chain ended at one time: the last line of an exported checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The version of the format, 1.
    pub habeas_audit_checkpoint: u32,
    /// Its id.
    pub id: Uuid,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// How many chains there were.
    pub chains: u64,
    /// SHA-256 over all heads, in hexadecimal.
    pub root: String,
    /// The signature over version, id, time, number of chains and root.
    pub signature: Signature,
}

impl Checkpoint {
    const VERSION: u32 = 1;

    pub(super) fn signed_bytes(id: Uuid, at: DateTime<Utc>, chains: u64, root: &[u8; 32]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(68);
        bytes.extend(Self::VERSION.to_be_bytes());
        bytes.extend(id.as_bytes());
        bytes.extend(clock::stored(at).to_be_bytes());
        bytes.extend(chains.to_be_bytes());
        bytes.extend(root);
        bytes
    }
}

impl Ledger {
    /// Signs how every chain ends now, keeps the root, and writes the export to `out`: JSON lines, one
    /// `["request", entry, "hash"]` per chain, sorted by request, then the signed [`Checkpoint`]. Kept out of reach of
    /// whoever can write to the database, the export finds any later change to what came before it. Memory stays flat.
    pub async fn checkpoint(&self, out: &mut (dyn Write + Send)) -> Result<Checkpoint, LedgerError> {
        let mut root = Root::new();
        let mut last = None;
        loop {
            let heads = self.heads_after(last).await?;
            let Some(head) = heads.last() else { break };
            last = Some(head.request.uuid());
            for head in &heads {
                root.add(head);
                let line = json!([head.request, head.seq, hex::encode(head.hash)]);
                writeln!(out, "{line}").map_err(LedgerError::Export)?;
            }
        }
        let (root, chains) = root.finish();
        let checkpoint = self.sign_checkpoint(&root, chains);
        let line = serde_json::to_string(&checkpoint).map_err(|error| LedgerError::Export(error.into()))?;
        writeln!(out, "{line}").and_then(|()| out.flush()).map_err(LedgerError::Export)?;
        self.keep_checkpoint(&checkpoint, &root).await?;
        Ok(checkpoint)
    }

    fn sign_checkpoint(&self, root: &[u8; 32], chains: u64) -> Checkpoint {
        let id = self.ids().fresh::<MessageId>().uuid();
        let at = clock::moment(clock::stored(self.ids().now()));
        let signed = Checkpoint::signed_bytes(id, at, chains, root);
        Checkpoint {
            habeas_audit_checkpoint: Checkpoint::VERSION,
            id,
            at,
            chains,
            root: hex::encode(root),
            signature: self.vault().sign(PURPOSE, &signed),
        }
    }

    async fn keep_checkpoint(&self, checkpoint: &Checkpoint, root: &[u8; 32]) -> Result<(), LedgerError> {
        let row = audit_checkpoint::ActiveModel {
            id: Set(checkpoint.id),
            chains: Set(i64::try_from(checkpoint.chains).unwrap_or(i64::MAX)),
            root: Set(root.to_vec()),
            key_id: Set(checkpoint.signature.key_id.to_string()),
            signature: Set(checkpoint.signature.bytes.to_vec()),
            created_at: Set(clock::stored(checkpoint.at)),
        };
        audit_checkpoint::Entity::insert(row).exec_without_returning(self.db()).await?;
        Ok(())
    }
}
