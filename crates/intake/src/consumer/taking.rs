//! From readable messages to requests: one transaction for the group holds the inbox rows, the requests and the
//! answers. Only after its commit are the deliveries acknowledged.

use habeas_domain::{Actor, Channel, Fault, Retry};
use habeas_ledger::{LedgerError, NewRequest, QueueSubmission};
use habeas_messages::{IntakeAnswer, queues};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use super::{
    QueueIntake, Taken,
    reading::Received,
    refusing::{as_json, give_up, in_short},
};
use crate::measure;

/// A readable message after its screening.
struct Screened {
    received: Received,
    new: Result<NewRequest, Vec<Value>>,
}

impl QueueIntake {
    pub(super) async fn take_readable(&self, group: Vec<Received>) -> Taken {
        let mut to_store = Vec::with_capacity(group.len());
        for received in group {
            let id = Some(received.message.id.as_str());
            let screened =
                self.reception.screen(&received.message.request, Channel::Queue, Actor::System, id);
            let new = screened.map_err(|problems| as_json(&problems));
            match &new {
                // Nobody waits for an answer. Unknown to the inbox, it is judged anew when ops revives it.
                Err(problems) if received.answer_to().is_none() => {
                    measure::outcome(Channel::Queue, "rejected");
                    give_up(received.delivery, &in_short(problems)).await;
                }
                _ => to_store.push(Screened { received, new }),
            }
        }
        if to_store.is_empty() { Taken::Settled } else { self.store(to_store).await }
    }

    async fn store(&self, group: Vec<Screened>) -> Taken {
        let submissions = group.iter().map(submission).collect();
        fail::fail_point!("intake::before_accept");
        let stored = timeout(self.options.commit_timeout, self.ledger.accept_from_queue(submissions)).await;
        fail::fail_point!("intake::after_accept");
        match stored {
            Ok(Ok(answers)) => settle(group, answers).await,
            Ok(Err(error)) if error.retry() == Retry::Never => self.store_each(group, error).await,
            Ok(Err(error)) => put_back(group, &error.to_string()).await,
            Err(_) => put_back(group, "the state database did not answer in time").await,
        }
    }

    /// No retry mends the group: each submission is tried alone, and the ones at fault are given up.
    async fn store_each(&self, group: Vec<Screened>, error: LedgerError) -> Taken {
        if group.len() > 1 {
            let mut taken = Taken::Settled;
            for one in group {
                if Box::pin(self.store(vec![one])).await == Taken::PutBack {
                    taken = Taken::PutBack;
                }
            }
            return taken;
        }
        let fault = Fault::from(error);
        for one in group {
            measure::outcome(Channel::Queue, "failed");
            give_up(one.received.delivery, &format!("not stored: {}", fault.code)).await;
        }
        Taken::Settled
    }
}

fn submission(screened: &Screened) -> QueueSubmission {
    let message = &screened.received.message;
    let answer_to = screened.received.answer_to();
    QueueSubmission {
        consumer: queues::INTAKE.to_owned(),
        message_id: message.id.clone(),
        // Over what was asked, so that a repeat written with other spaces is a repeat.
        body_fingerprint: Sha256::digest(message.request.to_string()).into(),
        new: screened.new.clone(),
        correlation: answer_to.as_ref().and_then(|to| to.correlation.clone()),
        reply_to: answer_to.map(|to| to.queue.as_str().to_owned()),
    }
}

/// Acknowledges what was stored. What was rejected with nobody to tell goes to the dead letters.
async fn settle(group: Vec<Screened>, answers: Vec<IntakeAnswer>) -> Taken {
    let settling = group.into_iter().zip(answers).map(|(one, answer)| async move {
        match answer {
            IntakeAnswer::Rejected { problems } if one.received.answer_to().is_none() => {
                measure::outcome(Channel::Queue, "rejected");
                give_up(one.received.delivery, &in_short(&problems)).await;
                return;
            }
            IntakeAnswer::Rejected { .. } => measure::outcome(Channel::Queue, "rejected"),
            IntakeAnswer::Accepted { .. } => measure::outcome(Channel::Queue, "accepted"),
        }
        if let Err(error) = one.received.delivery.ack().await {
            tracing::debug!(error = %error, "an acknowledgement did not arrive; the repeat is harmless");
        }
    });
    futures::future::join_all(settling).await;
    Taken::Settled
}

async fn put_back(group: Vec<Screened>, reason: &str) -> Taken {
    tracing::warn!(count = group.len(), %reason, "submissions went back to their queue");
    let returning = group.into_iter().map(|one| async move {
        measure::outcome(Channel::Queue, "put-back");
        if let Err(error) = one.received.delivery.requeue().await {
            tracing::debug!(error = %error, "a delivery was not given back; it comes again anyway");
        }
    });
    futures::future::join_all(returning).await;
    Taken::PutBack
}
