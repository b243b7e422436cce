//! The API's door to the reception.

use async_trait::async_trait;
use habeas_api::{BatchAnswer, BatchBody, Receive, ReceiveRefused};
use habeas_domain::{Actor, Channel, Fault, Personal, submission::Submitter};
use habeas_intake::{BatchLine, BatchTaken, ReceiveError, Reception};
use habeas_ledger::Accepted;
use serde_json::Value;

/// The API's door to the reception.
pub(crate) struct ApiDoor(pub(crate) Reception);

#[async_trait]
impl Receive for ApiDoor {
    async fn receive(
        &self,
        body: &Value,
        by: Submitter,
        idempotency_key: Option<String>,
    ) -> Result<Accepted, ReceiveRefused> {
        let received = self.0.receive(body, Channel::Api, by, idempotency_key.as_deref()).await;
        received.map_err(refused)
    }

    async fn receive_batch(&self, batch: BatchBody<'_>, actor: Actor) -> Result<BatchAnswer, ReceiveRefused> {
        let lines = (1..)
            .zip(batch.requests)
            .map(|(number, value)| BatchLine { number, value: Personal::new(value) });
        let taken =
            self.0.receive_batch((batch.name, batch.agent), lines.collect(), Channel::Api, actor).await;
        let BatchTaken { id, lines } = taken.map_err(refused)?;
        Ok(BatchAnswer { id, lines: lines.into_iter().map(|line| line.outcome).collect() })
    }
}

/// As the API tells it.
pub(super) fn refused(error: ReceiveError) -> ReceiveRefused {
    let retry = error.retry();
    match error {
        ReceiveError::Problems(problems) => ReceiveRefused::Problems(problems),
        ReceiveError::KeyReused => ReceiveRefused::KeyReused,
        ReceiveError::Ledger(error) => ReceiveRefused::Failed(error.into()),
        ReceiveError::TimedOut => {
            let detail = "the state database did not answer in time".to_owned();
            ReceiveRefused::Failed(Fault { code: "ledger-slow".to_owned(), detail, retry })
        }
    }
}
