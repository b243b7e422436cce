//! Metrics: what each means, and those that are read when somebody asks.

mod beginning;
mod descriptions;
mod gauges;

use std::sync::{Arc, OnceLock};

use habeas_ledger::{Ledger, MailboxPlace};
use habeas_queue::{Queue, QueueName};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;

pub(crate) use beginning::begin;

use crate::failure::{Exit, Failure};

/// Seconds; from a fast statement to a store that is nearly given up.
const BUCKETS: [f64; 12] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 120.0];

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();

/// The recorder of this process, installed once.
pub(crate) fn recorder() -> Result<PrometheusHandle, Failure> {
    if let Some(handle) = HANDLE.get() {
        return Ok(handle.clone());
    }
    let failed = |error| Failure::of(Exit::Unavailable, "metrics", &error);
    let builder = PrometheusBuilder::new().set_buckets(&BUCKETS).map_err(failed)?;
    let handle = builder.install_recorder().map_err(failed)?;
    descriptions::describe();
    Ok(HANDLE.get_or_init(|| handle).clone())
}

/// Keeps the gauges of the state database and the queues fresh until `stop`, and the recorder tidy.
pub(crate) async fn keep_fresh(
    handle: PrometheusHandle,
    ledger: Ledger,
    queue: Arc<dyn Queue>,
    queues: Vec<QueueName>,
    mailboxes: Vec<MailboxPlace>,
    stop: CancellationToken,
) {
    let mut gauges = gauges::Gauges::new(ledger, queue, queues, mailboxes);
    while !stop.is_cancelled() {
        gauges.read().await;
        handle.run_upkeep();
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(gauges::EVERY) => {}
        }
    }
}
