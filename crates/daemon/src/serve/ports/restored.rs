//! Erasing again in restored stores, in the background of the process that was asked.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use habeas_api::{ReErasure, RestoredStores};
use habeas_domain::StoreName;
use habeas_fulfilment::{Fulfilment, ReErase, re_erase};
use habeas_ledger::LedgerError;

/// The stores of this deployment.
pub(crate) struct Restored {
    fulfilment: Fulfilment,
    running: Arc<Mutex<BTreeSet<StoreName>>>,
}

impl Restored {
    pub(crate) fn new(fulfilment: Fulfilment) -> Self {
        Self { fulfilment, running: Arc::default() }
    }
}

/// Takes a store off the list of those in which a run is under way, however the run ends.
struct UnderWay(Arc<Mutex<BTreeSet<StoreName>>>, StoreName);

impl UnderWay {
    /// Nothing if a run is under way already.
    fn begin(running: &Arc<Mutex<BTreeSet<StoreName>>>, store: &StoreName) -> Option<Self> {
        let new = running.lock().unwrap_or_else(PoisonError::into_inner).insert(store.clone());
        new.then(|| Self(Arc::clone(running), store.clone()))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

#[async_trait]
impl RestoredStores for Restored {
    fn stores(&self) -> Vec<StoreName> {
        self.fulfilment.registry.stores().cloned().collect()
    }

    async fn begin(&self, order: ReErasure) -> Result<(), LedgerError> {
        let ReErasure { store, restored_to, confirmed, by } = order;
        self.fulfilment.ledger.begin_re_erasing(&store, restored_to, by).await?;
        let Some(under_way) = UnderWay::begin(&self.running, &store) else { return Ok(()) };
        let confirmed = confirmed.into_iter().collect();
        let order = ReErase { store, restored_to, dry_run: false, confirmed, by };
        let fulfilment = self.fulfilment.clone();
        tokio::spawn(async move {
            let _until_the_end = under_way;
            let store = &order.store;
            match re_erase(&fulfilment, &order, &|_| {}).await {
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
