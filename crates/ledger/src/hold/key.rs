//! The keyed hashes by which holds and planned deletions meet.

use habeas_domain::{HeldKey, RequestId};

use crate::Ledger;

impl Ledger {
    /// The pseudonym of a person's key.
    pub(crate) fn held_key_lookup(&self, key: &HeldKey) -> Vec<u8> {
        let kind = format!("held-key/{}", key.key);
        self.vault().lookup(&kind, key.compared().expose()).as_bytes().to_vec()
    }

    /// The same for a hold on a request itself.
    pub(crate) fn held_request_lookup(&self, request: RequestId) -> Vec<u8> {
        self.vault().lookup("held-request", &request.to_string()).as_bytes().to_vec()
    }
}
