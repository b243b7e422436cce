//! Findings: what stopped a request for a person to look, and what staff decided about it. The values are sealed with the
//! request; what else is told of a finding names keys, stores and collections.

mod decide;
mod row;
mod stop;
mod view;

pub use decide::FindingOutcome;
use habeas_domain::{
    CollectionName, KeyName, Personal, RequestId, StoreName,
    personal::in_the_clear,
    review::{FindingHash, FindingKind, ReviewDecision},
};
use habeas_vault::Vault;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
pub use view::{FindingDetail, FindingState, FindingView, OpinionView};
pub(crate) use view::{of_requests, still_needed};

use crate::LedgerError;

/// The most values that are kept of a finding, for staff to compare.
const MOST_KEPT: usize = 1_000;

/// What a resolve stopped at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFinding {
    /// Its kind.
    pub kind: FindingKind,
    /// Which key it is about.
    pub key: Option<KeyName>,
    /// Where it was found.
    pub place: Option<(StoreName, CollectionName)>,
    /// Whether the key identifies a person.
    pub identifying: bool,
    /// The number that was passed; zero where the kind has none.
    pub allowed: u32,
    /// What was proven.
    pub proven: Vec<Personal<String>>,
    /// What was found.
    pub found: Vec<Personal<String>>,
    /// The finding in words, without values.
    pub reason: String,
}

/// A finding that was decided: what holds for every later resolve of its request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecidedFinding {
    /// Its kind.
    pub kind: FindingKind,
    /// Which key it is about.
    pub key: Option<KeyName>,
    /// What was found.
    pub found: Vec<Personal<String>>,
    /// What was decided.
    pub decision: ReviewDecision,
}

/// The values of a finding, as they are sealed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Values {
    #[serde(with = "in_the_clear::list")]
    proven: Vec<Personal<String>>,
    #[serde(with = "in_the_clear::list")]
    found: Vec<Personal<String>>,
}

impl NewFinding {
    fn values(&self) -> Values {
        let some = |values: &[Personal<String>]| values.iter().take(MOST_KEPT).cloned().collect();
        Values { proven: some(&self.proven), found: some(&self.found) }
    }

    /// Keyed, since values go into it and it is shown.
    fn hash(&self, request: RequestId, vault: &Vault) -> Result<FindingHash, LedgerError> {
        let unreadable =
            |_| LedgerError::Corrupt { table: "review_finding", column: "found", row: request.to_string() };
        let whole = (request, self.kind, &self.key, &self.place, self.allowed, self.values());
        let digest = hex::encode(Sha256::digest(serde_json::to_vec(&whole).map_err(unreadable)?));
        Ok(FindingHash(*vault.lookup("finding", &digest).as_bytes()))
    }
}
