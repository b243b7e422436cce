use std::time::Duration;

use habeas_ledger::{Ledger, MailLease};

/// Runs `work` while its leases are prolonged.
pub(super) async fn holding<T>(
    ledger: &Ledger,
    leases: &[MailLease],
    lease: Duration,
    work: impl Future<Output = T>,
) -> T {
    tokio::select! {
        done = work => done,
        never = beat(ledger, leases, lease) => match never {},
    }
}

/// A lease that was lost is noticed by what is written under it, which then changes nothing.
async fn beat(ledger: &Ledger, leases: &[MailLease], lease: Duration) -> std::convert::Infallible {
    loop {
        tokio::time::sleep(lease / 3).await;
        if let Err(error) = ledger.hold_mails(leases, lease).await {
            tracing::warn!(error = %error, "leases on mails could not be prolonged");
        }
    }
}
