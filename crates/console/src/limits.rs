//! How often pages may be asked for.

use std::{net::IpAddr, sync::Arc, time::Duration};

use habeas_web::{Quota, RateLimit, network};

use crate::{LinkSecret, options::RateLimits};

/// All limits of the pages. Err says how long to wait.
#[derive(Clone)]
pub(crate) struct Limits(Arc<Inner>);

struct Inner {
    looks: RateLimit<Option<IpAddr>>,
    posts: RateLimit<Option<IpAddr>>,
    links: RateLimit<LinkSecret>,
}

impl Limits {
    pub(crate) fn new(limits: RateLimits) -> Self {
        Self(Arc::new(Inner {
            looks: RateLimit::new(Quota::per_minute(limits.looks_per_client)),
            posts: RateLimit::new(Quota::per_minute(limits.posts_per_client)),
            links: RateLimit::new(Quota::per_minute(limits.posts_per_link)),
        }))
    }

    pub(crate) fn look(&self, client: Option<IpAddr>) -> Result<(), Duration> {
        self.0.looks.check(&client.map(network))
    }

    pub(crate) fn post(&self, client: Option<IpAddr>) -> Result<(), Duration> {
        self.0.posts.check(&client.map(network))
    }

    pub(crate) fn post_on(&self, link: &LinkSecret) -> Result<(), Duration> {
        self.0.links.check(link)
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    #[test]
    fn the_cap_caps_each_client_alone() {
        let three = NonZeroU32::new(3).unwrap();
        let limits = Limits::new(RateLimits {
            looks_per_client: three,
            posts_per_client: three,
            posts_per_link: three,
        });
        let (one, other) = (Some("192.0.2.1".parse().unwrap()), Some("192.0.2.2".parse().unwrap()));
        let taken = (0..10).filter(|_| limits.look(one).is_ok()).count();
        assert_eq!(taken, 3);
        assert!(limits.look(one).unwrap_err() <= Duration::from_secs(20));
        assert!(limits.look(other).is_ok());
        assert!(limits.post(one).is_ok(), "looking and pressing are counted apart");
    }
}
