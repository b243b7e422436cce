//! How often pages may be asked for.

use std::{
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
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

use crate::{LinkSecret, options::RateLimits};

/// After so many checks the keys that are back at rest are forgotten.
const CLEAN_EVERY: u32 = 1024;

/// A limit per key.
struct Limit<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    checks: AtomicU32,
}

impl<K: Hash + Eq + Clone> Limit<K> {
    fn per_minute(calls: NonZeroU32) -> Self {
        Self { limiter: DefaultKeyedRateLimiter::keyed(Quota::per_minute(calls)), checks: AtomicU32::new(0) }
    }

    fn check(&self, key: &K) -> Result<(), Duration> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % CLEAN_EVERY == CLEAN_EVERY - 1 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        self.limiter.check_key(key).map_err(|wait| wait.wait_time_from(DefaultClock::default().now()))
    }
}

/// All limits of the pages. Err says how long to wait.
#[derive(Clone)]
pub(crate) struct Limits(Arc<Inner>);

struct Inner {
    looks: Limit<Option<IpAddr>>,
    posts: Limit<Option<IpAddr>>,
    links: Limit<LinkSecret>,
}

impl Limits {
    pub(crate) fn new(limits: RateLimits) -> Self {
        Self(Arc::new(Inner {
            looks: Limit::per_minute(limits.looks_per_client),
            posts: Limit::per_minute(limits.posts_per_client),
            links: Limit::per_minute(limits.posts_per_link),
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

/// One household has a whole /64 of IPv6 addresses.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn addresses_of_one_household_are_one_client() {
        let parse = |text: &str| network(text.parse().unwrap());
        assert_eq!(parse("2001:db8:1:2:3::4"), parse("2001:db8:1:2:ffff::1"));
        assert_ne!(parse("2001:db8:1:2::1"), parse("2001:db8:1:3::1"));
        assert_eq!(parse("::ffff:192.0.2.1"), parse("192.0.2.1"));
    }
}
