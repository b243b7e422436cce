use async_trait::async_trait;
use habeas_domain::Fault;
use habeas_ledger::PackageRecord;

/// Mails new links to packages. The daemon hands it in.
#[async_trait]
pub trait RenewLinks: Send + Sync + 'static {
    /// Ends the link to a package and mails a new one to whoever had it, unless too many were mailed today.
    async fn renew_link(&self, package: &PackageRecord) -> Result<(), Fault>;
}
