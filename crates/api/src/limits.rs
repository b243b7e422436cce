//! How often the API may be called.

use std::{
    hash::Hash,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use governor::{
    DefaultKeyedRateLimiter, Quota,
    clock::{Clock as _, DefaultClock},
};
use habeas_domain::TokenId;

use crate::{
    client::network,
    options::RateLimits,
    problem::{Problem, ProblemKind},
};

/// After so many checks the keys that are back at rest are forgotten.
const CLEAN_EVERY: u32 = 1024;

struct Limit<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    checks: AtomicU32,
}

impl<K: Hash + Eq + Clone> Limit<K> {
    fn new(quota: Quota) -> Self {
        Self { limiter: DefaultKeyedRateLimiter::keyed(quota), checks: AtomicU32::new(0) }
    }

    fn check(&self, key: &K) -> Result<(), Problem> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % CLEAN_EVERY == CLEAN_EVERY - 1 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        self.limiter
            .check_key(key)
            .map_err(|wait| too_many(wait.wait_time_from(DefaultClock::default().now())))
    }
}

fn too_many(wait: Duration) -> Problem {
    Problem::new(ProblemKind::TooMany).retry_after(wait.as_secs() + 1)
}

/// All limits of the API.
#[derive(Clone)]
pub(crate) struct Limits(Arc<Inner>);

struct Inner {
    tokens: Limit<TokenId>,
    failures: Limit<Option<IpAddr>>,
}

impl Limits {
    pub(crate) fn new(limits: RateLimits) -> Self {
        Self(Arc::new(Inner {
            tokens: Limit::new(Quota::per_second(limits.calls_per_token)),
            failures: Limit::new(Quota::per_minute(limits.failures_per_client)),
        }))
    }

    /// Counts a call with a valid token.
    pub(crate) fn call(&self, token: TokenId) -> Result<(), Problem> {
        self.0.tokens.check(&token)
    }

    /// Counts a call without one. A valid token from the same address still passes: 256 bits cannot be guessed, and
    /// colleagues behind one address must not lock each other out.
    pub(crate) fn failure(&self, client: Option<IpAddr>) -> Result<(), Problem> {
        self.0.failures.check(&client.map(network))
    }
}
