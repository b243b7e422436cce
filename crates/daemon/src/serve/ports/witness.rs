//! Who saw personal data.

use async_trait::async_trait;
use habeas_api::{Seen, Witness};
use habeas_domain::{Actor, RequestId};
use habeas_ledger::{Ledger, LedgerError};

/// Writes into the audit trail who saw what of whose request.
pub(crate) struct AuditWitness(pub(crate) Ledger);

#[async_trait]
impl Witness for AuditWitness {
    async fn saw(&self, request: RequestId, by: Actor, what: Seen) -> Result<(), LedgerError> {
        self.0.record_seen(request, by, what.as_str()).await
    }
}
