use std::sync::Arc;

use futures::{StreamExt, stream};
use habeas_domain::Fault;
use habeas_ledger::{ClaimedMail, Ledger, LedgerError, MailDecision, MailLease, MailVerdict, PutBack};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use super::{
    ActOptions, Ports,
    act::{Acting, Decided, Outcome},
    heartbeat::{Held, holding},
    suspects,
};
use crate::source::Bell;

/// Acts on stored mails for as long as the process lives. Any number of processes may.
#[derive(Clone)]
pub struct MailWorker {
    acting: Acting,
    bell: Bell,
    answers: Bell,
}

impl MailWorker {
    /// A worker that is woken by `bell`, and rings `answers` when it has ordered an answer.
    pub fn new(ledger: Ledger, ports: Ports, options: ActOptions, bell: Bell, answers: Bell) -> Self {
        Self { acting: Acting { ledger, ports, options: Arc::new(options) }, bell, answers }
    }

    /// Acts until `stop`. What is being decided then is decided first.
    pub async fn run(self, stop: CancellationToken) {
        let options = Arc::clone(&self.acting.options);
        while !stop.is_cancelled() {
            match Box::pin(self.round(&stop)).await {
                Ok(0) => tokio::select! {
                    () = stop.cancelled() => {}
                    () = self.bell.heard(options.poll) => {}
                },
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(error = %error, "a round of the mailbox worker failed; the next one tries again");
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = tokio::time::sleep(options.retry) => {}
                    }
                }
            }
        }
    }

    /// Acts on the mails that are due now, up to one group, and gives those that were left where they are their last day. Returns how many were claimed.
    pub async fn round(&self, stop: &CancellationToken) -> Result<usize, LedgerError> {
        let Acting { ledger, options, .. } = &self.acting;
        self.acting.date_undated().await?;
        let claimed = ledger.claim_mails(options.group, options.lease).await?;
        if claimed.is_empty() {
            return Ok(0);
        }
        let count = claimed.len();
        let (claimed, spared) = suspects::apart(claimed);
        for mail in &spared {
            self.hand_back(mail).await?;
        }
        let leases: Vec<MailLease> = claimed.iter().map(|mail| mail.lease).collect();
        holding(ledger, Held::Mails(&leases), options.lease, Box::pin(self.act(claimed, stop))).await?;
        Ok(count)
    }

    async fn act(&self, claimed: Vec<ClaimedMail>, stop: &CancellationToken) -> Result<(), LedgerError> {
        let options = &self.acting.options;
        let mut outcomes =
            stream::iter(claimed).map(|mail| self.read(mail, stop)).buffered(options.parallel.max(1));
        let mut decided = Vec::new();
        while let Some(outcome) = outcomes.next().await {
            match outcome {
                Err(mail) => self.hand_back(&mail).await?,
                Ok(outcome) => decided.extend(self.decide(outcome).await),
            }
        }
        drop(outcomes);
        self.record(decided).await
    }

    /// Reads in a task of its own: a report that a mail came back is noted while it is read, and what is noted holds locks that
    /// the decision on another mail may wait for, which nobody would let go of if reading stood still meanwhile.
    async fn read(&self, mail: ClaimedMail, stop: &CancellationToken) -> Result<Outcome, ClaimedMail> {
        if stop.is_cancelled() {
            return Err(mail);
        }
        let acting = self.acting.clone();
        let reading = AbortOnDropHandle::new(tokio::spawn(async move { acting.read(mail).await }));
        match reading.await {
            Ok(outcome) => Ok(outcome),
            Err(cut_off) => match cut_off.try_into_panic() {
                // It ends this part, which begins anew; the mail's lease runs out.
                Ok(panicked) => std::panic::resume_unwind(panicked),
                // The process ends.
                Err(_) => std::future::pending().await,
            },
        }
    }

    /// At a shutdown, as if it had not been claimed.
    async fn hand_back(&self, mail: &ClaimedMail) -> Result<(), LedgerError> {
        self.acting.ledger.put_mail_back(mail.lease, std::time::Duration::ZERO, PutBack::Untouched).await
    }

    /// One after the other, so that of two copies the second one sees what became of the first.
    async fn decide(&self, outcome: Outcome) -> Option<Decided> {
        match outcome {
            Outcome::Unreadable(mail, reason) => {
                tracing::error!(mail = %mail.lease.mail, "a mail was parked: it could not be read");
                let decision = MailDecision {
                    lease: mail.lease,
                    verdict: MailVerdict::Parked,
                    reason,
                    reading: None,
                    answers: false,
                    wants_other_address: false,
                    form: None,
                    for_staff: self.acting.of_unread(&mail),
                };
                Some(Decided { decision, counts: false })
            }
            Outcome::Later(mail, fault) => {
                self.acting.put_back(&mail, &fault).await;
                None
            }
            Outcome::Read(read) => match self.acting.decide(&read).await {
                Ok(decided) if decided.counts => {
                    // At once, so that a copy of it in the same group finds it, and the limit of answers holds.
                    if let Err(error) = self.record(vec![decided]).await {
                        self.acting.put_back(&read.claimed, &Fault::from(error)).await;
                    }
                    None
                }
                Ok(decided) => Some(decided),
                Err(fault) => {
                    self.acting.put_back(&read.claimed, &fault).await;
                    None
                }
            },
        }
    }

    async fn record(&self, decided: Vec<Decided>) -> Result<(), LedgerError> {
        if decided.is_empty() {
            return Ok(());
        }
        let decisions: Vec<MailDecision> = decided.into_iter().map(|one| one.decision).collect();
        let answers = decisions.iter().any(|decision| decision.form.is_some());
        for decision in &decisions {
            let verdict = decision.reading.as_ref().map_or("unreadable", |reading| reading.verdict.as_str());
            metrics::counter!("habeas_mails_received_total", "verdict" => verdict).increment(1);
        }
        fail::fail_point!("mailbox::before_decide");
        self.acting.ledger.decide_mails(decisions).await?;
        fail::fail_point!("mailbox::after_decide");
        if answers {
            self.answers.ring();
        }
        Ok(())
    }
}

impl std::fmt::Debug for MailWorker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MailWorker")
    }
}
