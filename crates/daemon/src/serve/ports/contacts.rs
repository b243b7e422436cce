//! How people can be reached, as the stores hold it.

use std::sync::Arc;

use async_trait::async_trait;
use habeas_api::Contacts;
use habeas_domain::{EmailAddress, Fault, PhoneNumber};
use habeas_verification::on_file::Files;

/// Looks numbers up in the stores.
pub(crate) struct StoreContacts(pub(crate) Arc<dyn Files>);

#[async_trait]
impl Contacts for StoreContacts {
    async fn phones(&self, address: &EmailAddress) -> Result<Vec<PhoneNumber>, Fault> {
        Ok(self.0.of(address).await?.phones)
    }
}
