//! The pauses between attempts.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

/// Exponential pauses with full jitter between a half and the whole, so that many processes that lost the same broker
/// do not come back in step.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// The longest first pause. Default 200 ms.
    pub first: Duration,
    /// The longest pause of all. Default 5 s.
    pub longest: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: Duration::from_millis(200), longest: Duration::from_secs(5) }
    }
}

impl Backoff {
    /// The pause after `failures` failed attempts in a row. `share`, from 0 to 1, is the random part.
    pub(super) fn pause(&self, failures: u32, share: f64) -> Duration {
        let Some(doublings) = failures.checked_sub(1) else { return Duration::ZERO };
        let whole = self.first.saturating_mul(2_u32.saturating_pow(doublings)).min(self.longest);
        whole.mul_f64(0.5 + share.clamp(0.0, 1.0) / 2.0)
    }

    /// The same with a share drawn anew. The standard library's keys are random per draw; nothing secret hangs on it.
    pub(super) fn random_pause(&self, failures: u32) -> Duration {
        let [byte, ..] = RandomState::new().hash_one(failures).to_le_bytes();
        self.pause(failures, f64::from(byte) / 255.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_doubles_up_to_the_longest() {
        let pauses: Vec<_> = (0..8).map(|n| Backoff::default().pause(n, 1.0).as_millis()).collect();
        assert_eq!(pauses, [0, 200, 400, 800, 1600, 3200, 5000, 5000]);
    }

    proptest! {
        #[test]
        fn it_never_leaves_its_bounds(failures in 1_u32.., share in -1.0..2.0) {
            let backoff = Backoff::default();
            let pause = backoff.pause(failures, share);
            prop_assert!(pause >= backoff.first / 2 && pause <= backoff.longest);
        }
    }
}
