//! Answers whose duration says nothing.

use std::time::Duration;

use tokio::time::Instant;

/// Runs `work`, and lets a whole multiple of `step` pass until its result is handed on. So an unknown link, which
/// needs no hash and no mail, answers like a known one.
pub(crate) async fn steadily<T>(step: Duration, work: impl Future<Output = T>) -> T {
    let began = Instant::now();
    let result = work.await;
    if let Some(rest) = rest_of(step, began.elapsed()) {
        tokio::time::sleep(rest).await;
    }
    result
}

fn rest_of(step: Duration, elapsed: Duration) -> Option<Duration> {
    let over = elapsed.as_nanos().checked_rem(step.as_nanos())?;
    let over = Duration::from_nanos(u64::try_from(over).ok()?);
    step.checked_sub(over)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_is_a_multiple_of_the_step() {
        let ms = Duration::from_millis;
        assert_eq!(rest_of(ms(250), ms(1)), Some(ms(249)));
        assert_eq!(rest_of(ms(250), ms(260)), Some(ms(240)));
        assert_eq!(rest_of(Duration::ZERO, ms(1)), None);
    }
}
