//! The address of an open request stays what it is. Whoever asks for another one is refused, staff see it, and the
//! address that the request was made from is told.

use habeas_domain::{Actor, Letter, RequestId, RequestState, TypedId, audit::AuditEvent};
use serde_json::json;

use crate::{Ledger, LedgerError, entity::request, sealed, unit::Unit};

impl Ledger {
    /// Records that `by` wanted to change the address of a request, and was refused. The person is told once, at the
    /// address that stays.
    pub async fn refuse_address_change(&self, request: RequestId, by: Actor) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        let requests = unit.lock([request]).await?;
        let row = requests.get(&request).ok_or(LedgerError::NotFound("request"))?;
        unit.refuse_address(row, by, &json!({}))?;
        unit.commit().await
    }
}

impl Unit<'_> {
    pub(crate) fn refuse_address(
        &mut self,
        row: &request::Model,
        by: Actor,
        detail: &serde_json::Value,
    ) -> Result<(), LedgerError> {
        let id = RequestId::from_uuid(row.id);
        self.audit(id, AuditEvent::new("address-change-refused", by).with(detail.clone()));
        metrics::counter!("habeas_address_changes_refused_total").increment(1);
        if row.state == RequestState::Closed.as_str() || row.personal.is_none() {
            return Ok(());
        }
        let open = sealed::OpenRequest::open(self.ledger.vault(), row)?;
        self.mail_once(row, open.address(), &Letter::AddressKept, format!("{id}/address-kept"))
    }
}
