//! Sends what was ordered for people whose mail asks for nothing: the address of the form.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use habeas_domain::{Fault, Retry};
use habeas_ledger::{FormAnswer, FormEnd, FormLease, Ledger, LedgerError};
use tokio_util::sync::CancellationToken;

use super::heartbeat::{Held, holding};
use crate::source::Bell;

/// How many answers are claimed at once.
const GROUP: u64 = 16;

/// How long a dead process's answers wait for another one. Prolonged for as long as they are being sent.
const LEASE: Duration = Duration::from_secs(10);

/// Between two looks when nobody rings.
const POLL: Duration = Duration::from_secs(30);

/// The first delay before an answer is tried again; each further one is twice as long.
const RETRY: Duration = Duration::from_secs(30);

/// How often an answer is tried. It is a courtesy: one that is lost does no harm.
const ATTEMPTS: u32 = 5;

/// Hands the address of the form to a mail server, as an automatic answer (RFC 3834). The daemon hands it in.
#[async_trait]
pub trait SendsForms: Send + Sync + 'static {
    /// Sends one answer. Sending the same again is the same mail, with the same Message-ID.
    async fn send_form(&self, answer: &FormAnswer) -> Result<(), Fault>;
}

/// Sends ordered answers for as long as the process lives. Any number of processes may.
#[derive(Clone)]
pub struct Answerer {
    ledger: Ledger,
    sends: Arc<dyn SendsForms>,
    bell: Bell,
    lease: Duration,
}

impl Answerer {
    /// An answerer that is woken by `bell`.
    pub fn new(ledger: Ledger, sends: Arc<dyn SendsForms>, bell: Bell) -> Self {
        Self { ledger, sends, bell, lease: LEASE }
    }

    /// With another time for which a dead process's answers wait for another one.
    #[must_use]
    pub fn with_lease(self, lease: Duration) -> Self {
        Self { lease, ..self }
    }

    /// Sends until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let pause = match self.round(&stop).await {
                Ok(0) => POLL,
                Ok(_) => continue,
                Err(error) => {
                    tracing::warn!(error = %error, "answers could not be sent now; the next round tries again");
                    RETRY
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.bell.heard(pause) => {}
            }
        }
    }

    /// Sends the answers that are due now, up to one group. Returns how many were claimed.
    pub async fn round(&self, stop: &CancellationToken) -> Result<usize, LedgerError> {
        let claimed = self.ledger.claim_form_answers(GROUP, self.lease).await?;
        let leases: Vec<FormLease> = claimed.iter().map(|answer| answer.lease).collect();
        let sending = Box::pin(self.send(&claimed, stop));
        holding(&self.ledger, Held::Answers(&leases), self.lease, sending).await?;
        Ok(claimed.len())
    }

    async fn send(&self, claimed: &[FormAnswer], stop: &CancellationToken) -> Result<(), LedgerError> {
        for answer in claimed {
            if stop.is_cancelled() {
                self.ledger.put_form_back(answer.lease, Duration::ZERO).await?;
                continue;
            }
            match self.sends.send_form(answer).await {
                Ok(()) => {
                    self.ledger.form_ended(answer.lease, FormEnd::Sent).await?;
                    count_answer("sent");
                }
                Err(fault) => self.failed(answer, &fault).await?,
            }
        }
        Ok(())
    }

    async fn failed(&self, answer: &FormAnswer, fault: &Fault) -> Result<(), LedgerError> {
        let id = answer.lease.answer;
        if fault.retry == Retry::Never || answer.attempts >= ATTEMPTS {
            tracing::warn!(answer = %id, code = fault.code, detail = fault.detail, "an answer with the address of the form was given up");
            count_answer("given-up");
            return self.ledger.form_ended(answer.lease, FormEnd::Parked).await;
        }
        let later = RETRY.saturating_mul(1 << answer.attempts.saturating_sub(1).min(5));
        tracing::warn!(answer = %id, code = fault.code, again_in = ?later, "an answer with the address of the form could not be sent now");
        count_answer("failed");
        self.ledger.put_form_back(answer.lease, later).await
    }
}

pub(super) fn count_answer(outcome: &'static str) {
    metrics::counter!("habeas_form_answers_total", "outcome" => outcome).increment(1);
}

impl std::fmt::Debug for Answerer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answerer")
    }
}
