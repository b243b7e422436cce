//! Who calls, seen through proxies.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::HeaderMap,
    middleware::Next,
    response::Response,
};

/// The proxies whose word about their callers is taken.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Arc<[IpAddr]>);

impl TrustedProxies {
    /// These addresses, and no others.
    pub fn new(addresses: impl IntoIterator<Item = IpAddr>) -> Self {
        Self(addresses.into_iter().map(|address| address.to_canonical()).collect())
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }

    /// The nearest caller that is no trusted proxy: `X-Forwarded-For` is read from its end, since anybody can write
    /// its beginning.
    fn caller(&self, peer: SocketAddr, headers: &HeaderMap) -> SocketAddr {
        let hops = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
        let hops: Vec<&str> = hops.flat_map(|value| value.split(',')).map(str::trim).collect();
        let mut caller = peer;
        for hop in hops.iter().rev() {
            if !self.trusts(caller.ip()) {
                break;
            }
            let Ok(address) = hop.parse() else { break };
            caller = SocketAddr::new(address, 0);
        }
        caller
    }
}

/// Puts the real caller in the place of a trusted proxy, for everything behind it that limits by address. Use it with
/// `axum::middleware::from_fn_with_state(proxies, behind_proxies)` around the API and the pages alike.
pub async fn behind_proxies(
    State(proxies): State<TrustedProxies>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>().copied() {
        let caller = proxies.caller(peer, request.headers());
        request.extensions_mut().insert(ConnectInfo(caller));
    }
    next.run(request).await
}

/// The address by which a caller is limited: one household has a whole /64 of IPv6 addresses.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(peer: &str, forwarded: &str) -> String {
        let proxies = TrustedProxies::new(["192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap()]);
        let headers =
            HeaderMap::from_iter([("x-forwarded-for".parse().unwrap(), forwarded.parse().unwrap())]);
        let peer = SocketAddr::new(peer.parse().unwrap(), 9);
        proxies.caller(peer, &headers).ip().to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(caller("192.0.2.1", "203.0.113.9"), "203.0.113.9");
        assert_eq!(caller("203.0.113.9", "198.51.100.7"), "203.0.113.9", "no proxy of ours");
        assert_eq!(caller("192.0.2.1", "10.0.0.1, 203.0.113.9, 192.0.2.2"), "203.0.113.9", "forged front");
        assert_eq!(caller("192.0.2.1", "nonsense"), "192.0.2.1");
    }
    #[test]
    fn addresses_of_one_household_are_one_caller() {
        let parse = |text: &str| network(text.parse().unwrap());
        assert_eq!(parse("2001:db8:1:2:3::4"), parse("2001:db8:1:2:ffff::1"));
        assert_ne!(parse("2001:db8:1:2::1"), parse("2001:db8:1:3::1"));
        assert_eq!(parse("::ffff:192.0.2.1"), parse("192.0.2.1"));
    }
}
