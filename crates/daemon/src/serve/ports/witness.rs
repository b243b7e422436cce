//! Who saw personal data.

use async_trait::async_trait;
use habeas_api::{Seen, Witness};
use habeas_domain::{Actor, RequestId};
use habeas_ledger::LedgerError;

/// Writes into the log who saw what of whose request.
pub(crate) struct LogWitness;

#[async_trait]
impl Witness for LogWitness {
    async fn saw(&self, request: RequestId, by: Actor, what: Seen) -> Result<(), LedgerError> {
        tracing::info!(%request, %by, what = what.as_str(), "personal data of a request were shown");
        Ok(())
    }
}
