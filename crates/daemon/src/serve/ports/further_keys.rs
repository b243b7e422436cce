//! The further keys of people on legal hold, as the stores hold them.

use async_trait::async_trait;
use habeas_api::FurtherKeys;
use habeas_domain::{Fault, HeldKey};
use habeas_fulfilment::FileRoom;

/// Looks keys up in the stores.
pub(crate) struct StoreKeys(pub(crate) FileRoom);

#[async_trait]
impl FurtherKeys for StoreKeys {
    async fn of(&self, keys: &[HeldKey]) -> Result<Vec<HeldKey>, Fault> {
        Ok(self.0.further_keys(keys).await?)
    }
}
