use std::time::Duration;

use habeas_ledger::{FormLease, Ledger, LedgerError, MailLease};

/// What is held while it is worked on.
#[derive(Clone, Copy)]
pub(super) enum Held<'l> {
    Mails(&'l [MailLease]),
    Answers(&'l [FormLease]),
}

impl Held<'_> {
    async fn prolong(self, ledger: &Ledger, lease: Duration) -> Result<(), LedgerError> {
        match self {
            Self::Mails(leases) => ledger.hold_mails(leases, lease).await,
            Self::Answers(leases) => ledger.hold_form_answers(leases, lease).await,
        }
    }
}

/// Runs `work` while its leases are prolonged.
pub(super) async fn holding<T>(
    ledger: &Ledger,
    held: Held<'_>,
    lease: Duration,
    work: impl Future<Output = T>,
) -> T {
    tokio::select! {
        done = work => done,
        never = beat(ledger, held, lease) => match never {},
    }
}

/// A lease that was lost is noticed by what is written under it, which then changes nothing.
async fn beat(ledger: &Ledger, held: Held<'_>, lease: Duration) -> std::convert::Infallible {
    loop {
        tokio::time::sleep(lease / 3).await;
        if let Err(error) = held.prolong(ledger, lease).await {
            tracing::warn!(error = %error, "leases on mails or answers could not be prolonged");
        }
    }
}
