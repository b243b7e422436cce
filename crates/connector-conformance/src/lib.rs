//! The suite that every connector must pass.
//!
//! A connector's tests write a [`Factory`] that makes a store holding a declared [`Fixture`], by the store's own
//! means and not through the connector. [`run`] asks the store for its capabilities, executes every case that applies
//! and counts the others. A run that executed nothing, or less than the store promised, does not pass.

mod asking;
mod cases;
mod expectation;
mod fixture;
mod report;

use std::sync::Arc;

use async_trait::async_trait;
use futures::future::BoxFuture;
use habeas_connector_api::{Capabilities, DataStore};

pub use expectation::Unmet;
pub use fixture::{Fixture, Table};
pub use report::{NotConforming, Outcome, Report};

/// Makes stores for the suite.
#[async_trait]
pub trait Factory: Send + Sync {
    /// A store that holds these collections and rows and nothing else. Called once per case, one case at a time.
    async fn make(&self, fixture: &Fixture) -> Result<Arc<dyn DataStore>, Unmet>;
}

/// One thing that a connector must do.
pub(crate) struct Case {
    /// What it must do, as a sentence with underscores.
    name: &'static str,
    /// Whether a store with these capabilities must do it.
    applies: fn(&Capabilities) -> bool,
    run: for<'a> fn(&'a dyn Factory) -> BoxFuture<'a, Result<(), Unmet>>,
}

/// Runs all cases. Call [`Report::verdict`] on what it gives.
pub async fn run(factory: &dyn Factory) -> Result<Report, Unmet> {
    let probe = factory.make(&Fixture::default()).await?;
    let capabilities = probe.capabilities();
    probe.close().await;
    drop(probe);
    let mut report = Report::new(capabilities.driver);
    for case in cases::all() {
        let outcome = if (case.applies)(&capabilities) {
            (case.run)(factory).await.map_or_else(Outcome::Failed, |()| Outcome::Passed)
        } else {
            Outcome::NotApplicable
        };
        report.add(case.name, outcome);
    }
    Ok(report)
}
