use habeas_domain::{Actor, EmailAddress, RequestId, TypedId, audit::AuditEvent};
use serde_json::json;

use crate::{Ledger, LedgerError, api_token::chain, race::again_after_race};

/// The event of a look at personal data.
pub(crate) const SEEN: &str = "personal-data-seen";

impl Ledger {
    /// Records that `by` is about to look a person up in all stores, before anything is asked: in the chain of whoever
    /// asks, with the keyed hash of the address.
    pub async fn record_looked_up(&self, address: &EmailAddress, by: Actor) -> Result<(), LedgerError> {
        let Actor::Token(holder) = by else { return Err(LedgerError::NotFound("token")) };
        let detail = json!({ "address": hex::encode(self.subject_lookup(address)) });
        again_after_race(|| async {
            let mut unit = self.begin().await?;
            unit.audit(chain(holder.uuid()), AuditEvent::new("person-looked-up", by).with(detail.clone()));
            unit.commit().await
        })
        .await
    }

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
