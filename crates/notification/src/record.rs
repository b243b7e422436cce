//! Recording what the mail server has taken.

use habeas_domain::{MailId, RequestId, Retry};
use habeas_ledger::{Lease, Ledger, LedgerError};
use habeas_runtime::Failure;

/// A mail that is out, or that needs no sending any more.
pub(crate) type Sent = (Lease, RequestId, MailId);

/// Records these mails together and, where that fails for good, each of them alone: of one that cannot be recorded the others know
/// nothing. Returns those that never will be: they wait for ops, since unrecorded they would be sent again and again.
pub(crate) async fn record(ledger: &Ledger, sent: &[Sent]) -> Vec<Failure> {
    match ledger.mails_sent(sent).await {
        Ok(()) => Vec::new(),
        Err(error) if error.retry() == Retry::Never => record_each(ledger, sent).await,
        Err(error) => later(sent.len(), &error),
    }
}

async fn record_each(ledger: &Ledger, sent: &[Sent]) -> Vec<Failure> {
    let mut failures = Vec::new();
    for one in sent {
        match ledger.mails_sent(std::slice::from_ref(one)).await {
            Ok(()) => {}
            Err(error) if error.retry() == Retry::Never => {
                let (lease, request, _) = *one;
                failures.push(Failure { lease, request, fault: error.into() });
            }
            Err(error) => failures.extend(later(1, &error)),
        }
    }
    failures
}

/// The mails are out, the record is not: they are sent once more with the same Message-ID.
fn later(count: usize, error: &LedgerError) -> Vec<Failure> {
    tracing::warn!(count, %error, "sent mails could not be recorded");
    Vec::new()
}
