//! How often somebody may call.

use std::{
    hash::Hash,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use governor::{
    DefaultKeyedRateLimiter, Quota,
    clock::{Clock as _, DefaultClock},
};

/// After so many checks the keys that are back at rest are forgotten.
const CLEAN_EVERY: u32 = 1024;

/// A limit for each key alone: a token, an address, a link.
#[derive(Debug)]
pub struct RateLimit<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    checks: AtomicU32,
}

impl<K: Hash + Eq + Clone> RateLimit<K> {
    /// So many calls in so much time, for each key.
    pub fn new(quota: Quota) -> Self {
        Self { limiter: DefaultKeyedRateLimiter::keyed(quota), checks: AtomicU32::new(0) }
    }

    /// Counts a call. The error says how long to wait.
    pub fn check(&self, key: &K) -> Result<(), Duration> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % CLEAN_EVERY == CLEAN_EVERY - 1 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        self.limiter.check_key(key).map_err(|wait| wait.wait_time_from(DefaultClock::default().now()))
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    #[test]
    fn each_key_has_its_own_limit() {
        let limit = RateLimit::new(Quota::per_minute(NonZeroU32::new(3).unwrap()));
        assert_eq!((0..10).filter(|_| limit.check(&"one").is_ok()).count(), 3);
        assert!(limit.check(&"one").unwrap_err() <= Duration::from_secs(20));
        assert!(limit.check(&"other").is_ok());
    }

    #[test]
    fn keys_at_rest_are_forgotten() {
        let limit = RateLimit::new(Quota::per_second(NonZeroU32::new(1_000_000).unwrap()));
        for key in 0..CLEAN_EVERY * 3 {
            assert!(limit.check(&key).is_ok());
        }
        assert!(limit.limiter.len() < CLEAN_EVERY as usize * 2, "{}", limit.limiter.len());
    }
}
