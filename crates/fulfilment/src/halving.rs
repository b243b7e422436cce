use futures::future::BoxFuture;
use habeas_domain::Retry;
use habeas_ledger::Claimed;
use habeas_runtime::Failure;

use crate::FulfilmentError;

/// Runs a group. One that fails for good is halved until the one bad piece is alone, so that it takes no others with it.
pub(crate) async fn halving<'a, T: Sync>(
    group: &'a [T],
    claimed: impl Fn(&T) -> &Claimed,
    run: impl Fn(&'a [T]) -> BoxFuture<'a, Result<Vec<Failure>, FulfilmentError>>,
) -> Vec<Failure> {
    let mut failures = Vec::new();
    let mut open = vec![group];
    while let Some(part) = open.pop() {
        match run(part).await {
            Ok(found) => failures.extend(found),
            Err(error) => {
                let fault = error.to_fault();
                if part.len() > 1 && fault.retry == Retry::Never {
                    let (first, second) = part.split_at(part.len() / 2);
                    open.extend([second, first]);
                } else {
                    failures.extend(part.iter().map(|one| Failure::new(claimed(one), fault.clone())));
                }
            }
        }
    }
    failures
}
