//! Running the daemon.

mod daemon;
mod http;
mod janitor;
mod logging;
mod measure;
pub(crate) mod ports;
mod signals;

use serde_json::json;
use tokio_util::sync::CancellationToken;

pub(crate) use daemon::Daemon;
pub(crate) use logging::to_file;
pub(crate) use signals::listen;

use crate::{assembly, context::Context, failure::Failure, output::Report};

/// Runs until the first signal, and then until what was running has ended.
pub(crate) async fn serve(context: &Context, migrate: bool) -> Result<Report, Failure> {
    let config = context.load()?.config;
    logging::to_stderr(&config)?;
    if migrate && !config.is_embedded() {
        let steps = assembly::migrate(&assembly::ledger_options(&config).open().await?).await?;
        tracing::info!(steps, "the state database is up to date");
    }
    let drain = CancellationToken::new();
    signals::listen(drain.clone())?;
    let daemon = Daemon::assemble(context, config).await?;
    daemon.run(drain).await?;
    Ok(Report::new("stopped", &json!({ "stopped": true })))
}
