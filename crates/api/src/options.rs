use std::{num::NonZeroU32, time::Duration};

/// How the API behaves.
#[derive(Debug, Clone, Copy)]
pub struct ApiOptions {
    /// The largest body, in bytes.
    pub largest_body: usize,
    /// The longest that an answer may take.
    pub time_limit: Duration,
    /// How often it may be called.
    pub limits: RateLimits,
}

/// Calls per second and minute; as many may come at once.
#[derive(Debug, Clone, Copy)]
pub struct RateLimits {
    /// Calls per second with one token.
    pub calls_per_token: NonZeroU32,
    /// Calls per minute without a valid token, from one address (IPv4) or one /64 (IPv6).
    pub failures_per_client: NonZeroU32,
}

impl Default for RateLimits {
    fn default() -> Self {
        let number = |n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        Self { calls_per_token: number(200), failures_per_client: number(30) }
    }
}

impl Default for ApiOptions {
    fn default() -> Self {
        Self { largest_body: 1024 * 1024, time_limit: Duration::from_secs(30), limits: RateLimits::default() }
    }
}
