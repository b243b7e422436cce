use habeas_domain::{Personal, RequestId, Submission};

use crate::{Ledger, LedgerError};

impl Ledger {
    /// What the person handed in, for staff. Fails with [`LedgerError::Erased`] once its retention is over.
    pub async fn person(&self, id: RequestId) -> Result<Personal<Submission>, LedgerError> {
        Ok(Personal::new(self.open_request(id).await?.submission))
    }
}
