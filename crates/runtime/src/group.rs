//! Running one group: the worker in a task of its own, so that a panic is a failure of the work and not of the lane.

use std::{sync::Arc, time::Instant};

use habeas_domain::Fault;
use habeas_ledger::{Claimed, Failed, Lease, Ledger, Next};
use tokio_util::sync::CancellationToken;

use crate::{Failure, LaneOptions, Worker, heartbeat::Heartbeat};

pub(crate) struct Runner {
    pub(crate) ledger: Ledger,
    pub(crate) worker: Arc<dyn Worker>,
    pub(crate) options: LaneOptions,
    /// Ends what runs, when the grace of a drain is over.
    pub(crate) abort: CancellationToken,
}

enum Ended {
    Finished(Vec<Failure>),
    Panicked,
    Aborted,
}

impl Runner {
    /// Runs claimed work to its end and records what failed. Work that was cut off before (a second attempt or a
    /// later one) runs alone, so that a piece that kills its process takes no others with it.
    pub(crate) async fn run(&self, claimed: Vec<Claimed>) {
        let (fresh, repeated): (Vec<_>, Vec<_>) = claimed.into_iter().partition(|one| one.attempts <= 1);
        if !fresh.is_empty() {
            self.run_together(fresh).await;
        }
        for one in repeated {
            if one.attempts > self.options.retry.attempts {
                let fault = Fault::permanent(
                    "cut-off-too-often",
                    "its worker ended without a result each time; look at the worker's log before requeueing",
                );
                self.record(std::slice::from_ref(&one), vec![Failure::new(&one, fault)]).await;
            } else {
                self.run_together(vec![one]).await;
            }
        }
    }

    async fn run_together(&self, group: Vec<Claimed>) {
        match self.attempt(&group).await {
            Ended::Finished(failures) => self.record(&group, failures).await,
            Ended::Aborted => self.hand_back(&group).await,
            Ended::Panicked if group.len() == 1 => {
                let fault = Fault::temporary("worker-panicked", "the worker panicked; its log has the place");
                self.record(&group, Failure::all(&group, &fault)).await;
            }
            Ended::Panicked => {
                for one in group {
                    Box::pin(self.run_together(vec![one])).await;
                }
            }
        }
    }

    async fn attempt(&self, group: &[Claimed]) -> Ended {
        let started = Instant::now();
        let lost = CancellationToken::new();
        let _heartbeat = Heartbeat::start(&self.ledger, group, self.options.lease, lost.clone());
        let (worker, work) = (Arc::clone(&self.worker), group.to_vec());
        let mut running = tokio::spawn(async move { worker.run(work).await });
        let ended = tokio::select! {
            result = &mut running => match result {
                Ok(failures) => Ended::Finished(failures),
                Err(_) => Ended::Panicked,
            },
            () = self.abort.cancelled() => Ended::Aborted,
            () = lost.cancelled() => Ended::Finished(Vec::new()),
        };
        running.abort();
        let labels = [("worker", self.worker.name().to_owned()), ("lane", self.options.queue.clone())];
        metrics::histogram!("habeas_group_duration_seconds", &labels).record(started.elapsed().as_secs_f64());
        metrics::counter!("habeas_work_run_total", &labels).increment(group.len() as u64);
        ended
    }

    /// Decides and records what becomes of failed work.
    async fn record(&self, group: &[Claimed], failures: Vec<Failure>) {
        if failures.is_empty() {
            return;
        }
        let entropy = self.ledger.ids().entropy();
        let failed: Vec<Failed> = failures
            .into_iter()
            .map(|failure| {
                let attempt = attempt_of(group, failure.lease);
                let next = self.options.retry.decide(&failure.fault, attempt, entropy.as_ref());
                self.note(&failure, next);
                Failed { lease: failure.lease, request: failure.request, fault: failure.fault, next }
            })
            .collect();
        if let Err(error) = self.ledger.failed(failed).await {
            // Nothing is lost: the leases run out and the reconciler finds the work.
            tracing::warn!(worker = self.worker.name(), error = %error, "failures could not be recorded");
        }
    }

    fn note(&self, failure: &Failure, next: Next) {
        let outcome = if next == Next::Park { "parked" } else { "retried" };
        let labels = [
            ("worker", self.worker.name().to_owned()),
            ("lane", self.options.queue.clone()),
            ("outcome", outcome.to_owned()),
            ("fault", failure.fault.code.clone()),
        ];
        metrics::counter!("habeas_work_failed_total", &labels).increment(1);
        tracing::warn!(
            worker = self.worker.name(), lane = %self.options.queue, work = %failure.lease.work,
            request = %failure.request, fault = %failure.fault, outcome, "work failed"
        );
    }

    async fn hand_back(&self, group: &[Claimed]) {
        let leases: Vec<Lease> = group.iter().map(|claimed| claimed.lease).collect();
        if let Err(error) = self.ledger.release(&leases).await {
            tracing::warn!(error = %error, "work could not be handed back; its lease will run out");
        }
    }
}

fn attempt_of(group: &[Claimed], lease: Lease) -> u32 {
    group.iter().find(|claimed| claimed.lease == lease).map_or(1, |claimed| claimed.attempts)
}
