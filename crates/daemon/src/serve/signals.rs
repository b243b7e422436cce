//! The first signal drains, the second ends at once.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::failure::{Exit, Failure};

/// What a shell reports for a process that was interrupted.
const INTERRUPTED: i32 = 130;

/// Cancels `drain` at the first SIGTERM or SIGINT; ends the process at the second.
pub(crate) fn listen(drain: CancellationToken) -> Result<(), Failure> {
    let failed = |error| Failure::of(Exit::Unavailable, "signals", &error);
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("draining: what runs is finished, nothing new begins; once more to end at once");
        drain.cancel();
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::warn!("ended at once; what was running is found again at the next start");
        std::process::exit(INTERRUPTED);
    });
    Ok(())
}
