//! Running async work from `Drop`.

use std::time::Duration;

use anyhow::Result;
use tokio::runtime::Builder;
use tokio::time::timeout;

const LIMIT: Duration = Duration::from_secs(10);

/// Runs `work` to its end on a thread of its own, for at most 10 seconds. Failure is not told: what stays behind goes
/// away with the server.
pub(super) fn run(work: impl Future<Output = Result<()>> + Send + 'static) {
    let thread = std::thread::spawn(move || {
        if let Ok(runtime) = Builder::new_current_thread().enable_all().build() {
            let _best_effort = runtime.block_on(async { timeout(LIMIT, work).await });
        }
    });
    let _best_effort = thread.join();
}
