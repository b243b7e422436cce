use async_trait::async_trait;
use habeas_domain::{EmailAddress, Fault};
use habeas_ledger::OpenRequest;

/// Takes what a person asked once more, as a request of an address that the stores hold. The daemon hands it in.
#[async_trait]
pub trait AskAnew: Send + Sync + 'static {
    /// Has the holder of `address` asked whether they want what was asked in `of`. Nothing that somebody else wrote
    /// there reaches them, and asking again for the same two changes nothing.
    async fn ask_anew(&self, of: &OpenRequest, address: &EmailAddress) -> Result<(), Fault>;
}
