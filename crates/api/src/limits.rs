//! How often the API may be called.

use std::{net::IpAddr, sync::Arc, time::Duration};

use habeas_domain::TokenId;
use habeas_web::{Quota, RateLimit, network};

use crate::{
    options::RateLimits,
    problem::{Problem, ProblemKind},
};

pub(crate) fn too_many(wait: Duration) -> Problem {
    Problem::new(ProblemKind::TooMany).retry_after(wait.as_secs() + 1)
}

/// All limits of the API.
#[derive(Clone)]
pub(crate) struct Limits(Arc<Inner>);

struct Inner {
    tokens: RateLimit<TokenId>,
    failures: RateLimit<Option<IpAddr>>,
}

impl Limits {
    pub(crate) fn new(limits: RateLimits) -> Self {
        Self(Arc::new(Inner {
            tokens: RateLimit::new(Quota::per_second(limits.calls_per_token)),
            failures: RateLimit::new(Quota::per_minute(limits.failures_per_client)),
        }))
    }

    /// Counts a call with a valid token.
    pub(crate) fn call(&self, token: TokenId) -> Result<(), Problem> {
        self.0.tokens.check(&token).map_err(too_many)
    }

    /// Counts a call without one. A valid token from the same address still passes: 256 bits cannot be guessed, and
    /// colleagues behind one address must not lock each other out.
    pub(crate) fn failure(&self, client: Option<IpAddr>) -> Result<(), Problem> {
        self.0.failures.check(&client.map(network)).map_err(too_many)
    }
}
