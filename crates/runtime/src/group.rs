//! Running one group: the worker in a task of its own, so that a panic is a failure of the work and not of the lane.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use habeas_domain::{Fault, Retry};
use habeas_ledger::{Claimed, Failed, Lease, Ledger, Next};
use tokio_util::sync::CancellationToken;

use crate::{Failure, LaneOptions, Worker, heartbeat::Heartbeat};

pub(crate) struct Runner {
    pub(crate) ledger: Ledger,
    pub(crate) worker: Arc<dyn Worker>,
    pub(crate) options: LaneOptions,
    /// Nothing new is begun, when a drain has been asked for.
    pub(crate) drain: CancellationToken,
    /// Ends what runs, when the grace of a drain is over.
    pub(crate) abort: CancellationToken,
}

enum Ended {
    Finished(Vec<Failure>),
    Panicked,
    Aborted,
}

impl Ended {
    /// Whether one piece alone may have brought this about for all: a panic, or one fault of the whole group that no retry mends,
    /// such as a row that cannot be read among others.
    fn may_be_of_one(&self, group: &[Claimed]) -> bool {
        match self {
            Self::Panicked => true,
            Self::Aborted => false,
            Self::Finished(failures) => {
                let first = failures.first().filter(|first| first.fault.retry == Retry::Never);
                failures.len() == group.len()
                    && first.is_some_and(|first| failures.iter().all(|one| one.fault == first.fault))
            }
        }
    }
}

impl Runner {
    /// Runs claimed work to its end and records what failed. Work that failed or was cut off before (a second attempt
    /// or a later one) runs alone, so that a piece that kills its process takes no others with it.
    pub(crate) async fn run(&self, claimed: Vec<Claimed>) {
        let heartbeat = Heartbeat::start(&self.ledger, &claimed, self.options.lease);
        let (fresh, repeated): (Vec<_>, Vec<_>) = claimed.into_iter().partition(|one| one.attempts <= 1);
        if !fresh.is_empty() {
            self.run_together(fresh, &heartbeat).await;
        }
        self.run_each(repeated, &heartbeat).await;
    }

    async fn run_together(&self, group: Vec<Claimed>, heartbeat: &Heartbeat) {
        let ended = self.attempt(&group, heartbeat).await;
        if group.len() > 1 && ended.may_be_of_one(&group) {
            let open = self.still_held(group).await;
            self.run_each(open, heartbeat).await;
        } else {
            self.settle(&group, ended).await;
        }
    }

    /// Runs pieces one after the other, each alone. A drain hands back those whose turn has not come.
    async fn run_each(&self, pieces: Vec<Claimed>, heartbeat: &Heartbeat) {
        let mut pieces = pieces.into_iter();
        while let Some(one) = pieces.next() {
            if self.drain.is_cancelled() {
                let rest: Vec<Claimed> = std::iter::once(one).chain(pieces).collect();
                return self.hand_back(&rest).await;
            }
            let piece = [one];
            let ended = match self.given_up(&piece) {
                Some(failures) => Ended::Finished(failures),
                None => self.attempt(&piece, heartbeat).await,
            };
            self.settle(&piece, ended).await;
        }
    }

    /// What was cut off more often than it may be attempted is not begun again.
    fn given_up(&self, piece: &[Claimed]) -> Option<Vec<Failure>> {
        let too_often = piece.iter().any(|one| one.attempts > self.options.retry.attempts);
        let fault = Fault::permanent(
            "cut-off-too-often",
            "its worker ended without a result each time; look at the worker's log before requeueing",
        );
        too_often.then(|| Failure::all(piece, &fault))
    }

    async fn attempt(&self, group: &[Claimed], heartbeat: &Heartbeat) -> Ended {
        if self.abort.is_cancelled() {
            return Ended::Aborted;
        }
        let started = Instant::now();
        let (worker, work) = (Arc::clone(&self.worker), group.to_vec());
        let mut running = tokio::spawn(async move { worker.run(work).await });
        let ended = tokio::select! {
            result = &mut running => match result {
                Ok(failures) => Ended::Finished(failures),
                Err(_) => Ended::Panicked,
            },
            () = self.abort.cancelled() => Ended::Aborted,
            () = self.abandoned(group, heartbeat) => Ended::Finished(Vec::new()),
        };
        if !running.is_finished() {
            // Only once it has stopped may somebody else be told that the work is free.
            running.abort();
            let _ = running.await;
        }
        let labels = [("worker", self.worker.name().to_owned()), ("lane", self.options.queue.clone())];
        metrics::histogram!("habeas_group_duration_seconds", &labels).record(started.elapsed().as_secs_f64());
        metrics::counter!("habeas_work_run_total", &labels).increment(group.len() as u64);
        ended
    }

    /// Waits until going on with a group is work for nothing. A worker that has just committed gets a moment to tidy up:
    /// its leases are gone too.
    async fn abandoned(&self, group: &[Claimed], heartbeat: &Heartbeat) {
        heartbeat.lost(group).await;
        tokio::time::sleep(self.options.lease / 3).await;
        tracing::warn!(worker = self.worker.name(), count = group.len(), "leases were lost; their run ends");
    }

    /// What of a group that is run one by one is not finished already: it must not run again under a lease that it has used up.
    async fn still_held(&self, group: Vec<Claimed>) -> Vec<Claimed> {
        let leases: Vec<Lease> = group.iter().map(|claimed| claimed.lease).collect();
        match self.ledger.heartbeat(&leases, self.options.lease).await {
            Ok(held) => group.into_iter().filter(|claimed| held.contains(&claimed.lease)).collect(),
            Err(error) => {
                tracing::warn!(error = %error, "a group that failed as a whole is left to its leases");
                Vec::new()
            }
        }
    }

    async fn settle(&self, group: &[Claimed], ended: Ended) {
        match ended {
            Ended::Finished(failures) => self.record(group, failures).await,
            Ended::Aborted => self.hand_back(group).await,
            Ended::Panicked => {
                let fault = Fault::temporary("worker-panicked", "the worker panicked; its log has the place");
                self.record(group, Failure::all(group, &fault)).await;
            }
        }
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
                let (attempt, throttled) = tried(group, failure.lease);
                let next = self.options.retry.decide(&failure.fault, attempt, throttled, entropy.as_ref());
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

    /// Gives work back as if it had not been claimed.
    pub(crate) async fn hand_back(&self, group: &[Claimed]) {
        let leases: Vec<Lease> = group.iter().map(|claimed| claimed.lease).collect();
        if let Err(error) = self.ledger.release(&leases).await {
            tracing::warn!(error = %error, "work could not be handed back; its lease will run out");
        }
    }
}

/// How often work was tried, and for how long it was asked to pause.
fn tried(group: &[Claimed], lease: Lease) -> (u32, Duration) {
    let claimed = group.iter().find(|claimed| claimed.lease == lease);
    claimed.map_or((1, Duration::ZERO), |claimed| (claimed.attempts, claimed.throttled))
}
