//! How people can be reached, as the stores hold it.

use std::sync::Arc;

use async_trait::async_trait;
use habeas_api::Contacts;
use habeas_domain::{Fault, PhoneNumber};
use habeas_ledger::OpenRequest;
use habeas_verification::on_file::{Files, of_request};

/// Looks numbers up in the stores.
pub(crate) struct StoreContacts(pub(crate) Arc<dyn Files>);

#[async_trait]
impl Contacts for StoreContacts {
    async fn phones(&self, request: &OpenRequest) -> Result<Vec<PhoneNumber>, Fault> {
        Ok(of_request(&*self.0, request).await?.phones)
    }
}
