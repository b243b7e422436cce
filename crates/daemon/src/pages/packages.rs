//! The bytes of packages.

use async_trait::async_trait;
use futures::StreamExt;
use habeas_console::{PackageBytes, PackageStream};
use habeas_domain::{Fault, PackageId};
use habeas_fulfilment::{Objects, open_package};
use habeas_ledger::Ledger;

/// Packages as sealed objects. Cheap to clone.
#[derive(Clone)]
pub(crate) struct SealedPackages {
    ledger: Ledger,
    objects: Objects,
}

impl SealedPackages {
    /// Packages that lie in `objects`.
    pub(crate) fn new(ledger: Ledger, objects: Objects) -> Self {
        Self { ledger, objects }
    }

    /// Fails if the object store is away.
    pub(super) async fn is_there(&self) -> Result<(), Fault> {
        self.objects.ping().await.map_err(|error| error.to_fault())
    }
}

#[async_trait]
impl PackageBytes for SealedPackages {
    async fn open(&self, package: PackageId) -> Result<PackageStream, Fault> {
        let record = self.ledger.package(package).await?;
        let record = record.ok_or_else(|| Fault::permanent("package-forgotten", "ask for a new package"))?;
        let of = self.ledger.open_request(record.request).await?;
        let pieces = open_package(self.ledger.vault(), &self.objects, &of.key, record.id, &record.object);
        Ok(Box::pin(pieces.map(|piece| piece.map_err(|error| error.to_fault()))))
    }
}
