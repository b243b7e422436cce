use habeas_domain::{RequestId, audit::ChainBreak};

/// Something about the audit trail that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuditBreak {
    /// A chain does not hold together.
    #[error(transparent)]
    Chain(#[from] ChainBreak),
    /// A request has no chain at all.
    #[error("request {request}: its audit trail is gone")]
    NoChain {
        /// Which request.
        request: RequestId,
    },
    /// There are fewer chains than at the last checkpoint that this database knows of.
    #[error("{found} audit trails are left of {expected} at the last checkpoint")]
    FewerChains {
        /// How many there were.
        expected: u64,
        /// How many there are.
        found: u64,
    },
    /// The entry that was the last one at the checkpoint is gone.
    #[error("request {request}: entry {seq} stood at the checkpoint and is gone")]
    Cut {
        /// Whose chain.
        request: RequestId,
        /// Which entry.
        seq: i64,
    },
    /// The entry that was the last one at the checkpoint is another one now.
    #[error("request {request}: entry {seq} is not the one of the checkpoint: the chain was written anew")]
    Rewritten {
        /// Whose chain.
        request: RequestId,
        /// Which entry.
        seq: i64,
    },
    /// The checkpoint itself is not what was signed, or not by one of these keys.
    #[error("the checkpoint is not what was signed, or was signed by a key that is not known here")]
    Forged,
}

/// What a check of the audit trail found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditReport {
    /// How many chains were looked at.
    pub requests: u64,
    /// How many entries were looked at.
    pub entries: u64,
    /// The first 1,000 breaks.
    pub breaks: Vec<AuditBreak>,
    /// How many more there are.
    pub more_breaks: u64,
}

impl AuditReport {
    /// As many breaks as are named one by one, so that memory stays flat whatever was done to the trail.
    const NAMED: usize = 1_000;

    /// Whether nothing is wrong.
    pub const fn is_whole(&self) -> bool {
        self.breaks.is_empty()
    }

    pub(super) fn add(&mut self, found: AuditBreak) {
        if self.breaks.len() < Self::NAMED {
            self.breaks.push(found);
        } else {
            self.more_breaks += 1;
        }
    }
}
