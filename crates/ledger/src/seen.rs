use habeas_domain::{Actor, RequestId, audit::AuditEvent};
use serde_json::json;

use crate::{Ledger, LedgerError};

/// The event of a look at personal data.
pub(crate) const SEEN: &str = "personal-data-seen";

impl Ledger {
    /// Records in the audit trail that `by` is about to see personal data of a request, before anything is shown.
    /// `what` is a word for it, such as `submission`.
    pub async fn record_seen(&self, request: RequestId, by: Actor, what: &str) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        if unit.lock([request]).await?.is_empty() {
            return Err(LedgerError::NotFound("request"));
        }
        unit.audit(request, AuditEvent::new(SEEN, by).with(json!({ "what": what })));
        unit.commit().await
    }
}
