//! Parts of a process that must not end in silence.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures::FutureExt;

/// How long a part that panicked waits before it begins anew, so that one that panics at once fills no log.
const PAUSE: Duration = Duration::from_millis(500);

/// Runs a part of a process to its end. One that panics begins anew: nobody else would notice before the process ends
/// that it is gone.
pub async fn supervised<F: Future<Output = ()>>(part: &'static str, mut begin: impl FnMut() -> F) {
    // A series that first appears with a 1 has not increased, and no alarm goes off.
    metrics::counter!("habeas_part_panics_total", "part" => part).increment(0);
    while AssertUnwindSafe(async { begin().await }).catch_unwind().await.is_err() {
        tracing::error!(part, "a part of this process panicked; it begins anew");
        metrics::counter!("habeas_part_panics_total", "part" => part).increment(1);
        tokio::time::sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_part_that_panics_begins_anew_until_it_ends_by_itself() {
        let mut begun = 0;
        supervised("test", || {
            begun += 1;
            let last = begun == 3;
            async move { assert!(last, "not yet") }
        })
        .await;
        assert_eq!(begun, 3);
    }

    #[tokio::test]
    async fn a_part_that_cannot_even_begin_is_begun_anew() {
        let mut begun = 0;
        supervised("test", || {
            begun += 1;
            assert!(begun == 2, "not yet");
            async {}
        })
        .await;
        assert_eq!(begun, 2);
    }
}
