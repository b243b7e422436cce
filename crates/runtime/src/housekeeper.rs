//! What happens by the clock alone: unverified requests lapse, a deletion whose grace is over begins, and a request near its legal date is reported,
//! whatever state it is in.

use std::time::Duration;

use habeas_ledger::{Ledger, LedgerError};

/// When the housekeeper reports and how much it does at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HousekeeperOptions {
    /// How long before the end of the last day an open request is reported.
    pub alert_ahead: Duration,
    /// How long a correction waits for somebody to confirm the new address that it names.
    pub confirm_within: Duration,
    /// How many requests one round takes.
    pub at_once: u64,
}

impl Default for HousekeeperOptions {
    fn default() -> Self {
        Self {
            alert_ahead: Duration::from_hours(72),
            confirm_within: Duration::from_hours(30 * 24),
            at_once: 200,
        }
    }
}

pub(crate) struct Housekeeper {
    pub(crate) ledger: Ledger,
    pub(crate) options: HousekeeperOptions,
}

impl Housekeeper {
    /// One round. Each step stands alone: a row that one of them cannot deal with keeps none of the others from theirs,
    /// and least of all the alarm, which comes first.
    pub(crate) async fn round(&self) {
        told("alarm", self.report().await);
        told("lapsing", self.lapse().await);
        told("new addresses", self.lapse_new_addresses().await);
        told("grace", self.start().await);
        told("barred", self.ledger.stop_barred(self.options.at_once).await.map(drop));
    }

    async fn report(&self) -> Result<(), LedgerError> {
        for near in self.ledger.report_near_due(self.options.alert_ahead, self.options.at_once).await? {
            metrics::counter!("habeas_requests_near_due_total", "state" => near.state.as_str()).increment(1);
            tracing::error!(
                request = %near.request, state = %near.state, due_at = %near.due_at,
                "a request is near its legal date and still open"
            );
        }
        let ahead = self.options.alert_ahead;
        for owed in self.ledger.report_unacknowledged(ahead, self.options.at_once).await? {
            metrics::counter!("habeas_requests_unacknowledged_total", "state" => owed.state.as_str())
                .increment(1);
            tracing::error!(
                request = %owed.request, state = %owed.state, acknowledge_at = %owed.acknowledge_at,
                "the receipt of a request is to be confirmed by law, the day is near, and no mail that does is out"
            );
        }
        for near in self.ledger.report_mails_near_due(ahead, self.options.at_once).await? {
            metrics::counter!("habeas_mails_near_due_total", "state" => near.state.as_str()).increment(1);
            tracing::error!(
                mail = %near.mail, state = %near.state, due_at = %near.due_at,
                "a mail that may be a request is near its last day and nobody has decided it"
            );
        }
        Ok(())
    }

    async fn lapse(&self) -> Result<(), LedgerError> {
        let lapsed = self.ledger.lapse_unverified(self.options.at_once).await?;
        if lapsed > 0 {
            tracing::info!(lapsed, "requests lapsed: nobody confirmed them in time");
        }
        Ok(())
    }

    async fn lapse_new_addresses(&self) -> Result<(), LedgerError> {
        let within = self.options.confirm_within;
        let lapsed = self.ledger.lapse_new_addresses(within, self.options.at_once).await?;
        if lapsed > 0 {
            tracing::info!(lapsed, "corrections lapsed: nobody confirmed the new address in time");
        }
        Ok(())
    }

    async fn start(&self) -> Result<(), LedgerError> {
        let started = self.ledger.start_after_grace(self.options.at_once).await?;
        if started > 0 {
            tracing::info!(started, "deletions begin: nobody objected in time");
        }
        Ok(())
    }
}

fn told(step: &'static str, done: Result<(), LedgerError>) {
    if let Err(error) = done {
        tracing::warn!(step, error = %error, "a step of the housekeeper failed; the next round tries again");
    }
}
