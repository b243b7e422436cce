//! The staff's door for guardians of children.

use async_trait::async_trait;
use habeas_domain::{Actor, RequestId, submission::NamedGuardian};
use habeas_ledger::LedgerError;
use habeas_verification::Guardians;

/// Names guardians.
pub(crate) struct GuardianDoor(pub(crate) Guardians);

#[async_trait]
impl habeas_api::Guardians for GuardianDoor {
    async fn name(&self, request: RequestId, named: NamedGuardian, by: Actor) -> Result<(), LedgerError> {
        self.0.name(request, named, by).await
    }
}
