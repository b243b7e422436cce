//! What ends by the clock: packages, old messages and codes, and the personal data of requests whose retention is over.

use std::time::Duration;

use chrono::TimeDelta;
use habeas_config::Config;
use habeas_fulfilment::Objects;
use habeas_ledger::{Ledger, LedgerError};
use tokio_util::sync::CancellationToken;

/// Between two rounds.
const EVERY: Duration = Duration::from_mins(10);

/// How much one round takes of each.
const AT_ONCE: u64 = 500;

/// Messages and codes older than this are of no use to anybody.
const PRUNE_AFTER: TimeDelta = TimeDelta::days(30);

/// Removes what has ended.
#[derive(Clone)]
pub(super) struct Janitor {
    ledger: Ledger,
    objects: Objects,
    erase_after: TimeDelta,
    erase_mails_after: TimeDelta,
    renewable: TimeDelta,
    remembered: TimeDelta,
}

impl Janitor {
    pub(super) fn new(config: &Config, ledger: Ledger, objects: Objects) -> Self {
        let days = |number: std::num::NonZeroU32| TimeDelta::days(number.get().into());
        let (erase_after, renewable) =
            (days(config.requests.erase_after_days), days(config.packages.renewable_days));
        let remembered = days(config.deletion.remembered_days);
        let erase_mails_after = days(config.requests.erase_other_mails_after_days);
        Self { ledger, objects, erase_after, erase_mails_after, renewable, remembered }
    }

    /// Makes its rounds until `stop`, which cuts one off: what it was at is found again by the next. Any number of
    /// processes may.
    pub(super) async fn run(self, stop: CancellationToken) {
        let rounds = async {
            loop {
                self.round().await;
                tokio::time::sleep(EVERY).await;
            }
        };
        let _cut_off = stop.run_until_cancelled(rounds).await;
    }

    /// One round. Each step stands alone: a row that one of them cannot deal with keeps none of the others from theirs.
    async fn round(&self) {
        told("packages", self.packages().await);
        told("old rows", self.prune().await);
        told("papers", self.ledger.lapse_papers(AT_ONCE).await.map(|lapsed| count("papers", lapsed)));
        told("requests", self.requests().await);
        told("mails", self.mails().await);
        let before = self.ledger.ids().now() - self.remembered;
        told(
            "erasures",
            self.ledger.prune_erasures(before, AT_ONCE).await.map(|pruned| count("erasures", pruned)),
        );
    }

    /// What became nothing has a shorter end than what belongs to a request.
    async fn mails(&self) -> Result<(), LedgerError> {
        let now = self.ledger.ids().now();
        count("mails", self.ledger.purge_mails(now - self.erase_mails_after, AT_ONCE).await?);
        count("mails", self.ledger.purge_late_mails(now - self.erase_mails_after, AT_ONCE).await?);
        Ok(())
    }

    async fn prune(&self) -> Result<(), LedgerError> {
        let pruned = self.ledger.prune(self.ledger.ids().now() - PRUNE_AFTER, AT_ONCE).await?;
        count("outbox", pruned.outbox);
        count("inbox", pruned.inbox);
        count("challenges", pruned.challenges);
        count("form-answers", pruned.form_answers);
        Ok(())
    }

    /// The objects first, such as those that a withdrawn job left: once the request is forgotten nobody knows of them.
    async fn requests(&self) -> Result<(), LedgerError> {
        let before = self.ledger.ids().now() - self.erase_after;
        let mut cleared = Vec::new();
        for (request, jobs) in self.ledger.purgeable(before, AT_ONCE).await? {
            match self.objects.forget_request(request, &jobs).await {
                Ok(()) => cleared.push(request),
                Err(error) => {
                    tracing::warn!(%request, %error, "what a request left could not be destroyed yet");
                }
            }
        }
        let erased = self.ledger.purge(&cleared).await?;
        if erased > 0 {
            tracing::info!(erased, "the personal data of requests were destroyed: their retention is over");
        }
        count("requests", erased);
        Ok(())
    }

    /// The object first: a crash in between finds it again, and deleting what is gone is no failure.
    async fn packages(&self) -> Result<(), LedgerError> {
        let before = self.ledger.ids().now() - self.renewable;
        for package in self.ledger.expired_packages(before, AT_ONCE).await? {
            if let Err(error) = self.objects.delete(&package.object).await {
                tracing::warn!(package = %package.id, error = %error, "a package could not be destroyed yet");
                continue;
            }
            if self.ledger.forget_package(package.id).await? {
                count("packages", 1);
            }
        }
        Ok(())
    }
}

fn told(step: &'static str, done: Result<(), LedgerError>) {
    if let Err(error) = done {
        tracing::warn!(step, error = %error, "a step of the janitor failed; the next round tries again");
    }
}

fn count(kind: &'static str, removed: u64) {
    if removed > 0 {
        metrics::counter!("habeas_housekeeping_total", "kind" => kind).increment(removed);
    }
}
