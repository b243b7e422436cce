//! The bytes of packages.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures::StreamExt;
use habeas_console::{PackageBytes, PackageStream};
use habeas_domain::{Fault, PackageId};
use habeas_fulfilment::{Objects, open_package};
use habeas_ledger::{Ledger, PackageRecord};

/// Packages as sealed objects. Cheap to clone; clones share what was handed out.
#[derive(Clone)]
pub(crate) struct SealedPackages {
    ledger: Ledger,
    objects: Objects,
    handed_out: Arc<Mutex<Vec<PackageRecord>>>,
}

impl SealedPackages {
    /// Packages that lie in `objects`.
    pub(crate) fn new(ledger: Ledger, objects: Objects) -> Self {
        Self { ledger, objects, handed_out: Arc::default() }
    }

    /// Fails if the object store is away.
    pub(super) async fn is_there(&self) -> Result<(), Fault> {
        self.objects.ping().await.map_err(|error| error.to_fault())
    }

    /// Lets a package be opened that was redeemed.
    pub(super) fn hand_out(&self, package: PackageRecord) {
        self.shelf().push(package);
    }

    /// Takes one redemption of a package off the shelf.
    fn take(&self, package: PackageId) -> Option<PackageRecord> {
        let mut waiting = self.shelf();
        let place = waiting.iter().position(|record| record.id == package)?;
        Some(waiting.swap_remove(place))
    }

    fn shelf(&self) -> std::sync::MutexGuard<'_, Vec<PackageRecord>> {
        self.handed_out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl PackageBytes for SealedPackages {
    async fn open(&self, package: PackageId) -> Result<PackageStream, Fault> {
        let record = self.take(package);
        let record =
            record.ok_or_else(|| Fault::permanent("package-not-redeemed", "ask for a new download code"))?;
        let of = self.ledger.open_request(record.request).await?;
        let pieces = open_package(self.ledger.vault(), &self.objects, &of.key, record.id, &record.object);
        Ok(Box::pin(pieces.map(|piece| piece.map_err(|error| error.to_fault()))))
    }
}
