//! Waiting on conditions instead of sleeping.

use std::fmt::Display;
use std::thread::park_timeout;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};

const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// Polls `condition` until it is true; fails with `what` once `limit` has passed.
///
/// A single call of `condition` that hangs counts against the limit too.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use std::time::Duration;
/// habeas_test_support::wait::until("the sky to be up", Duration::from_secs(1), || async { true }).await.unwrap();
/// # });
/// ```
pub async fn until<F, C>(what: impl Display, limit: Duration, mut condition: F) -> Result<()>
where
    F: FnMut() -> C,
    C: Future<Output = bool>,
{
    value(what, limit, || {
        let answer = condition();
        async move { answer.await.then_some(()) }
    })
    .await
}

/// Polls `attempt` until it gives a value; fails with `what` once `limit` has passed.
pub async fn value<F, C, T>(what: impl Display, limit: Duration, mut attempt: F) -> Result<T>
where
    F: FnMut() -> C,
    C: Future<Output = Option<T>>,
{
    let found = success(limit, || {
        let answer = attempt();
        async move { answer.await.ok_or_else(|| anyhow!("it did not happen")) }
    });
    found.await.map_err(|failure| anyhow!("waited {limit:?} for {what}: {failure:#}"))
}

/// Polls `attempt` until it succeeds; once `limit` has passed, fails with `what` and the last failure.
pub async fn ok<F, C, T>(what: impl Display, limit: Duration, attempt: F) -> Result<T>
where
    F: FnMut() -> C,
    C: Future<Output = Result<T>>,
{
    success(limit, attempt).await.map_err(|failure| anyhow!("waited {limit:?} for {what}: {failure:#}"))
}

async fn success<F, C, T>(limit: Duration, mut attempt: F) -> Result<T>
where
    F: FnMut() -> C,
    C: Future<Output = Result<T>>,
{
    let end = tokio::time::Instant::now() + limit;
    let mut pause = FIRST_PAUSE;
    let mut last = anyhow!("the first attempt did not return");
    loop {
        match tokio::time::timeout_at(end, attempt()).await {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(failure)) => last = failure,
            Err(_elapsed) => bail!("the attempt hung; before it: {last:#}"),
        }
        if tokio::time::Instant::now() + pause > end {
            return Err(last);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// The same outside of async code, for `Drop`: polls until `condition` is true and says whether it became so.
pub(crate) fn blocking(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + limit;
    while !condition() {
        if Instant::now() > end {
            return false;
        }
        park_timeout(Duration::from_millis(2));
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_condition_that_comes_true_ends_the_wait() {
        let mut calls = 0;
        let answer = value("three calls", Duration::from_mins(1), || {
            calls += 1;
            let calls = calls;
            async move { (calls == 3).then_some(calls) }
        });
        assert_eq!(answer.await.unwrap(), 3);
    }

    #[tokio::test]
    async fn a_condition_that_stays_false_fails_with_its_name() {
        let failure = until("rain", Duration::from_millis(30), || async { false }).await.unwrap_err();
        assert!(failure.to_string().starts_with("waited 30ms for rain"), "{failure}");
    }

    #[tokio::test]
    async fn a_hanging_attempt_counts_against_the_limit() {
        let failure = until("rain", Duration::from_millis(30), std::future::pending).await.unwrap_err();
        assert!(failure.to_string().contains("hung"), "{failure}");
    }

    #[tokio::test]
    async fn the_last_failure_is_told() {
        let failure = ok("luck", Duration::from_millis(30), || async { Err::<(), _>(anyhow!("not today")) });
        let failure = failure.await.unwrap_err();
        assert!(failure.to_string().ends_with("not today"), "{failure}");
    }
}
