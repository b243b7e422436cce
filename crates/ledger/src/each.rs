//! What is done for many requests together, so that one of them does not stop the others.

use habeas_domain::{RequestId, Retry};

use crate::LedgerError;

/// Does something for these requests together and, where that fails for good, for each of them alone: one that cannot be
/// read keeps no other from its turn, and does not fall silent either. Returns for how many it was done.
pub(crate) async fn together_or_each<F>(
    what: &'static str,
    requests: Vec<RequestId>,
    run: impl Fn(Vec<RequestId>) -> F,
) -> Result<u64, LedgerError>
where
    F: Future<Output = Result<u64, LedgerError>>,
{
    if requests.is_empty() {
        return Ok(0);
    }
    match run(requests.clone()).await {
        Err(error) if error.retry() == Retry::Never => {}
        done => return done,
    }
    let mut done = 0;
    for request in requests {
        match run(vec![request]).await {
            Ok(one) => done += one,
            Err(error) if error.retry() == Retry::Never => {
                tracing::error!(what, %request, %error, "a request was passed over; it is not possible for this one");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}
