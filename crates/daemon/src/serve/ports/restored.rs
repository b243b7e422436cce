//! Erasing again in restored stores, in the background of the process that was asked.

use async_trait::async_trait;
use habeas_api::{ReErasure, RestoredStores};
use habeas_domain::StoreName;
use habeas_fulfilment::{Fulfilment, ReErase, begin_re_erase};
use habeas_ledger::LedgerError;

/// The stores of this deployment.
pub(crate) struct Restored {
    fulfilment: Fulfilment,
}

impl Restored {
    pub(crate) const fn new(fulfilment: Fulfilment) -> Self {
        Self { fulfilment }
    }
}

#[async_trait]
impl RestoredStores for Restored {
    fn stores(&self) -> Vec<StoreName> {
        self.fulfilment.registry.stores().cloned().collect()
    }

    async fn begin(&self, order: ReErasure) -> Result<(), LedgerError> {
        let ReErasure { store, restored_to, confirmed, by } = order;
        let confirmed = confirmed.into_iter().collect();
        let order = ReErase { store: store.clone(), restored_to, dry_run: false, confirmed, by };
        let begun = begin_re_erase(&self.fulfilment, order, true).await?;
        tokio::spawn(async move {
            match begun.run(&|_| {}).await {
                Ok(did) => tracing::info!(%store, ?did, "erased again in a restored store"),
                Err(error) => tracing::warn!(
                    %store, fault = %error.to_fault(),
                    "erasing again in a restored store was cut off; mend the cause and begin it again"
                ),
            }
        });
        Ok(())
    }
}
