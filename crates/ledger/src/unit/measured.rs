//! What is counted when a transaction has been committed, and not before.

use std::time::Duration;

use metrics::{counter, histogram};

use crate::entity::{job, work};

/// A task that was settled.
pub(crate) struct SettledTask {
    store: String,
    right: String,
    outcome: &'static str,
    took: Duration,
}

impl SettledTask {
    /// `row` of `job`, settled at `now` in microseconds since 1970. It took from when it was ordered.
    pub(crate) fn new(row: &work::Model, job: &job::Model, outcome: &'static str, now: i64) -> Self {
        let took = u64::try_from(now.saturating_sub(row.created_at)).unwrap_or(0);
        let took = Duration::from_micros(took);
        Self { store: row.store.clone(), right: job.right.clone(), outcome, took }
    }

    pub(super) fn count(self) {
        let labels = [("store", self.store), ("right", self.right), ("outcome", self.outcome.to_owned())];
        histogram!("habeas_task_seconds", &labels).record(self.took.as_secs_f64());
        counter!("habeas_tasks_total", &labels).increment(1);
    }
}
