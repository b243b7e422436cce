//! The pages' door to the reception.

use async_trait::async_trait;
use habeas_domain::{EmailAddress, Fault};
use habeas_intake::{ReceiveError, Reception};
use habeas_ledger::OpenRequest;
use habeas_verification::AskAnew;

/// Takes once more what a person asked who is known by something else, too.
pub(crate) struct AnewDoor(pub(crate) Reception);

#[async_trait]
impl AskAnew for AnewDoor {
    async fn ask_anew(&self, of: &OpenRequest, address: &EmailAddress) -> Result<(), Fault> {
        match self.0.receive_anew(of, address).await {
            Ok(_) => Ok(()),
            Err(ReceiveError::Ledger(error)) => Err(error.into()),
            Err(error) => {
                let retry = error.retry();
                Err(Fault { code: "not-taken".to_owned(), detail: error.to_string(), retry })
            }
        }
    }
}
