use std::pin::Pin;

use async_trait::async_trait;
use bytes::Bytes;
use futures::Stream;
use habeas_domain::{Fault, PackageId};

/// The bytes of a ZIP as they are decrypted. An error breaks the download off, so that a part never looks whole.
pub type PackageStream = Pin<Box<dyn Stream<Item = Result<Bytes, Fault>> + Send>>;

/// Where packages lie.
#[async_trait]
pub trait PackageBytes: Send + Sync + 'static {
    /// Opens a package for which a grant was redeemed, to be decrypted as it is read.
    async fn open(&self, package: PackageId) -> Result<PackageStream, Fault>;
}
