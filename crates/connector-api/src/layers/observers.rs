//! Who is told about calls: metrics, and whoever keeps a record of effects.

use std::time::Duration;

use habeas_domain::StoreName;

use crate::{ChangeReport, ChangeSet, Scan, ScanPage, Selection, StoreError};

/// Is told about every call after it ended. What it is handed may hold key values: an observer that writes
/// something down takes only names and numbers.
pub trait Observer: Send + Sync + 'static {
    /// A selection ended: so many rows were given, then it failed or not. One that was dropped in its middle did not fail.
    fn selected(
        &self,
        store: &StoreName,
        selection: &Selection,
        rows: u64,
        failure: Option<&StoreError>,
        took: Duration,
    );

    /// A page was read, or failed.
    fn scanned(
        &self,
        store: &StoreName,
        scan: &Scan,
        outcome: Result<&ScanPage, &StoreError>,
        took: Duration,
    );

    /// A change set was done, or failed.
    fn applied(
        &self,
        store: &StoreName,
        change: &ChangeSet,
        outcome: Result<&ChangeReport, &StoreError>,
        took: Duration,
    );
}

/// Counts calls and rows and measures durations, per store and outcome.
#[derive(Debug, Clone, Copy, Default)]
pub struct Metrics;

impl Observer for Metrics {
    fn selected(
        &self,
        store: &StoreName,
        selection: &Selection,
        rows: u64,
        failure: Option<&StoreError>,
        took: Duration,
    ) {
        record(store, "select", failure, rows, took);
        let outcome = outcome(failure);
        tracing::debug!(%store, collection = %selection.collection, rows, outcome, ?took, "selected");
    }

    fn scanned(
        &self,
        store: &StoreName,
        scan: &Scan,
        outcome: Result<&ScanPage, &StoreError>,
        took: Duration,
    ) {
        let rows = outcome.map_or(0, |page| page.rows.len() as u64);
        let failure = outcome.err();
        record(store, "scan", failure, rows, took);
        let outcome = self::outcome(failure);
        tracing::debug!(%store, collection = %scan.collection, rows, outcome, ?took, "scanned");
    }

    fn applied(
        &self,
        store: &StoreName,
        change: &ChangeSet,
        outcome: Result<&ChangeReport, &StoreError>,
        took: Duration,
    ) {
        let rows = outcome.map_or(0, ChangeReport::changed);
        let failure = outcome.err();
        record(store, "apply", failure, rows, took);
        let outcome = self::outcome(failure);
        tracing::debug!(%store, steps = change.steps.len(), rows, outcome, ?took, "applied");
    }
}

fn outcome(failure: Option<&StoreError>) -> &'static str {
    failure.map_or("ok", StoreError::code)
}

fn record(
    store: &StoreName,
    operation: &'static str,
    failure: Option<&StoreError>,
    rows: u64,
    took: Duration,
) {
    let store = store.to_string();
    metrics::histogram!(
        "habeas_store_call_seconds",
        "store" => store.clone(), "operation" => operation, "outcome" => outcome(failure)
    )
    .record(took.as_secs_f64());
    metrics::counter!("habeas_store_rows_total", "store" => store, "operation" => operation).increment(rows);
}
