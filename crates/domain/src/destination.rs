//! Where the daemon is told to connect to, and which addresses it never should.
//!
//! Somebody who may change one line of a configuration or of a manifest must not be able to send the daemon, which holds
//! secrets and people's numbers, to the metadata service of its cloud. Names are not looked up here: see the decision record.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// A host as it stands in a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A name, in ASCII and lower case.
    Name(String),
    /// An address.
    Address(IpAddr),
}

/// Why a host is refused. The texts say the fix; a URL is never quoted, since it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DestinationProblem {
    /// No URL that names a host.
    #[error("not a URL with a host")]
    NotAUrl,
    /// No name and no address.
    #[error("not a name or address of a server")]
    NotAHost,
    /// An address in octal, hexadecimal, as one number, in escaped letters, or IPv4 in the clothes of IPv6.
    #[error("an address in disguise: it means {0}")]
    Disguised(IpAddr),
    /// An address that is only for the neighbours on the cable, where clouds also keep their metadata services (RFC 3927, RFC
    /// 4291).
    #[error("a link-local address, or a cloud's metadata service")]
    LinkLocal,
    /// "Any address of this machine" (RFC 1122), which is none to connect to and on many systems leads to this machine.
    #[error("the unspecified address")]
    Unspecified,
    /// An address of many.
    #[error("a multicast or broadcast address")]
    Multicast,
}

impl DestinationProblem {
    /// What to write instead.
    pub fn fix(self) -> String {
        match self {
            Self::NotAUrl => "write the kind, the server and the rest, as in https://server.example.com/path".to_owned(),
            Self::NotAHost => "write a name such as server.example.com, or an IP address".to_owned(),
            Self::Disguised(plain) => format!("write {plain}, if that is meant"),
            Self::LinkLocal => {
                "name the server itself; if it is at such an address, add that address to network.allow_link_local"
                    .to_owned()
            }
            Self::Unspecified => "write 127.0.0.1 for this machine, or the server's own address".to_owned(),
            Self::Multicast => "write the address of one server".to_owned(),
        }
    }
}

/// Names that clouds give to their metadata services.
const METADATA_NAMES: [&str; 4] =
    ["metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal"];

/// Where clouds keep such services outside the link-local ranges.
const METADATA_ADDRESSES: [IpAddr; 5] = [
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
];

impl Destination {
    /// Reads a host that stands alone, such as `imap.example.com`. IPv6 may have its brackets.
    ///
    /// # Errors
    /// What is no host, or one in disguise.
    pub fn of_host(host: &str) -> Result<Self, DestinationProblem> {
        let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        if let Ok(address) = bare.parse::<IpAddr>() {
            return match embedded(address) {
                Some(inner) => Err(DestinationProblem::Disguised(inner)),
                None => Ok(Self::Address(address)),
            };
        }
        match Host::parse(host) {
            Ok(Host::Domain(name)) => Ok(Self::Name(name.trim_end_matches('.').to_owned())),
            Ok(Host::Ipv4(address)) => Err(DestinationProblem::Disguised(address.into())),
            Ok(Host::Ipv6(address)) => Err(DestinationProblem::Disguised(address.into())),
            Err(_) => Err(DestinationProblem::NotAHost),
        }
    }

    /// Reads every host that a URL names: the one before its path, and those that databases take from the query. None for a
    /// file or a socket of this machine.
    ///
    /// # Errors
    /// What is no URL, or names a host in disguise.
    pub fn of_url(text: &str) -> Result<Vec<Self>, DestinationProblem> {
        let url = Url::parse(text).map_err(|_| DestinationProblem::NotAUrl)?;
        // As it is written and as it is meant: for some schemes the parser has already taken a disguise off, or found
        // a host where another reader sees none.
        let written = authority(text).ok_or(DestinationProblem::NotAUrl)?;
        let further = url.query_pairs().filter(|(name, _)| name == "host" || name == "hostaddr");
        let mut hosts = vec![written.to_owned()];
        hosts.extend(url.host_str().map(str::to_owned));
        hosts.extend(further.map(|(_, host)| host.into_owned()));
        hosts.iter().filter(|host| is_on_a_network(host)).map(|host| Self::of_host(host)).collect()
    }

    /// Whether the daemon may connect there. Link-local addresses may be allowed one by one.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, allowed: &[IpAddr]) -> Result<(), DestinationProblem> {
        match self {
            Self::Name(name) if METADATA_NAMES.contains(&name.as_str()) => Err(DestinationProblem::LinkLocal),
            Self::Name(_) => Ok(()),
            Self::Address(address) => check_address(*address, allowed),
        }
    }

    /// Whether the daemon may connect to every host that a URL names: [`Destination::of_url`] and [`Destination::check`].
    ///
    /// # Errors
    /// Why not.
    pub fn check_url(url: &str, allowed: &[IpAddr]) -> Result<(), DestinationProblem> {
        Self::of_url(url)?.iter().try_for_each(|host| host.check(allowed))
    }

    /// Whether it is surely this machine, so that nothing said to it travels: `localhost` or a loopback address.
    pub fn is_this_machine(&self) -> bool {
        match self {
            Self::Name(name) => name == "localhost",
            Self::Address(address) => address.is_loopback(),
        }
    }
}

/// Whether a host that stands alone is surely this machine.
pub fn is_this_machine(host: &str) -> bool {
    Destination::of_host(host).is_ok_and(|host| host.is_this_machine())
}

/// Whether what is said to this URL cannot be overheard: it is `https`, or `http` on this machine.
pub fn is_https_or_local(url: &str) -> bool {
    let scheme = Url::parse(url).map(|url| url.scheme().to_owned()).unwrap_or_default();
    let hosts = Destination::of_url(url).unwrap_or_default();
    let local = !hosts.is_empty() && hosts.iter().all(Destination::is_this_machine);
    (scheme == "https" && !hosts.is_empty()) || (scheme == "http" && local)
}

/// Databases are also reached by a path, or by a name that begins with `@`, on this machine.
fn is_on_a_network(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    !(host.is_empty() || host.starts_with(['/', '@']) || host.starts_with("%2f") || host.starts_with("%40"))
}

/// The host of a URL as it is written, without user and port.
fn authority(url: &str) -> Option<&str> {
    if url.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return None;
    }
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit('@').next()?;
    if host.starts_with('[') {
        return host.find(']').and_then(|end| host.get(..=end));
    }
    host.split(':').next()
}

/// The IPv4 address inside an IPv6 address: mapped, compatible (RFC 4291), translated (RFC 6052) or tunnelled (RFC 3056).
fn embedded(address: IpAddr) -> Option<IpAddr> {
    let IpAddr::V6(address) = address else { return None };
    let pair = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Some(IpAddr::V4(Ipv4Addr::new(a, b, c, d)))
    };
    match address.segments() {
        // ::, ::1 and their neighbours are no embedded addresses.
        [0, 0, 0, 0, 0, 0, 0, _] => None,
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => pair(high, low),
        _ => None,
    }
}

fn check_address(address: IpAddr, allowed: &[IpAddr]) -> Result<(), DestinationProblem> {
    let link_local = match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    };
    let nowhere = match address {
        IpAddr::V4(address) => address.octets()[0] == 0,
        IpAddr::V6(address) => address.is_unspecified(),
    };
    let broadcast = matches!(address, IpAddr::V4(address) if address.is_broadcast());
    if nowhere {
        Err(DestinationProblem::Unspecified)
    } else if address.is_multicast() || broadcast {
        Err(DestinationProblem::Multicast)
    } else if (link_local || METADATA_ADDRESSES.contains(&address)) && !allowed.contains(&address) {
        Err(DestinationProblem::LinkLocal)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn url(url: &str) -> Result<(), DestinationProblem> {
        Destination::of_url(url)?.iter().try_for_each(|host| host.check(&[]))
    }

    #[test]
    fn ordinary_servers_pass() {
        for good in [
            "https://sms.example.com/messages",
            "https://例え.テスト/keys.json",
            "postgres://habeas:p%40ss@db.example.com:5432/shop?sslmode=require",
            "postgres://habeas@127.0.0.1/shop",
            "postgres://habeas@[::1]:5432/shop",
            "mysql://habeas:a:b@10.0.0.7/shop",
            "postgres://habeas@%2Fvar%2Frun%2Fpostgresql/shop",
            "postgres:///shop?host=/var/run/postgresql",
            "amqps://habeas:password@broker_1/%2f",
            "http://localhost:9000",
            "https://[2001:db8::7]/",
        ] {
            assert_eq!(url(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn addresses_of_no_server_are_refused() {
        use DestinationProblem as P;
        for (bad, problem) in [
            ("http://169.254.169.254/latest/meta-data", P::LinkLocal),
            ("postgres://habeas@169.254.169.254/shop", P::LinkLocal),
            ("postgres://habeas@db.example.com/shop?host=169.254.169.254", P::LinkLocal),
            ("postgres://habeas@db.example.com/shop?hostaddr=169.254.169.254", P::LinkLocal),
            ("https://[fe80::1]/", P::LinkLocal),
            ("https://[fd00:ec2::254]/", P::LinkLocal),
            ("https://metadata.google.internal/computeMetadata/v1", P::LinkLocal),
            ("https://METADATA.google.internal./", P::LinkLocal),
            ("https://100.100.100.200/", P::LinkLocal),
            ("https:///169.254.169.254/", P::LinkLocal),
            ("postgres://127.0.0.1\\@169.254.169.254/shop", P::LinkLocal),
            ("https://0.0.0.0/", P::Unspecified),
            ("mysql://habeas@0.1.2.3/shop", P::Unspecified),
            ("https://[::]/", P::Unspecified),
            ("https://224.0.0.1/", P::Multicast),
            ("https://255.255.255.255/", P::Multicast),
            ("https://[ff02::1]/", P::Multicast),
            ("https://1.2.3.999/", P::NotAUrl),
            ("postgres://habeas@1.2.3.999/shop", P::NotAHost),
            ("postgres://habeas@[fe80::1%25eth0]/shop", P::NotAUrl),
            ("https:db.example.com", P::NotAUrl),
            ("https:/\\169.254.169.254/", P::NotAUrl),
            ("https://169.254.\n169.254/", P::NotAUrl),
            ("not a url", P::NotAUrl),
            ("", P::NotAUrl),
        ] {
            assert_eq!(url(bad), Err(problem), "{bad}");
            assert!(!problem.fix().is_empty());
        }
    }

    #[test]
    fn disguises_are_seen_through() {
        let metadata = IpAddr::from([169, 254, 169, 254]);
        for disguised in [
            "2852039166",
            "0xa9fea9fe",
            "0251.0376.0251.0376",
            "0xa9.254.0251.254",
            "169.16689662",
            "169.254.169.254.",
            "%31%36%39.254.169.254",
            "１６９.254.169.254",
            "169。254。169。254",
            "[::ffff:169.254.169.254]",
            "[::ffff:a9fe:a9fe]",
            "[::a9fe:a9fe]",
            "[64:ff9b::a9fe:a9fe]",
            "[2002:a9fe:a9fe::1]",
        ] {
            for scheme in ["https", "postgres", "mysql", "amqp"] {
                let text = format!("{scheme}://user:password@{disguised}:80/x");
                assert_eq!(url(&text), Err(DestinationProblem::Disguised(metadata)), "{text}");
            }
            assert_eq!(
                Destination::of_host(disguised),
                Err(DestinationProblem::Disguised(metadata)),
                "{disguised}"
            );
        }
        assert_eq!(url("http://2130706433/"), Err(DestinationProblem::Disguised([127, 0, 0, 1].into())));
        assert_eq!(url("http://127.1/"), Err(DestinationProblem::Disguised([127, 0, 0, 1].into())));
    }

    #[test]
    fn only_this_machine_is_this_machine() {
        for yes in [
            "http://127.0.0.1:8080/x",
            "http://localhost/",
            "http://LOCALHOST./",
            "http://[::1]:1/",
            "https://a.test",
        ] {
            assert!(is_https_or_local(yes), "{yes}");
        }
        for no in [
            "http://127.0.0.1.example.com/",
            "http://localhost.example.com/",
            "http://127.0.0.1@example.com/",
            "ws://127.0.0.1/",
            "http://example.com/?host=127.0.0.1",
            "http://example.com#@127.0.0.1",
            "http://0.0.0.0/",
            "ftp://127.0.0.1/",
            "127.0.0.1",
        ] {
            assert!(!is_https_or_local(no), "{no}");
        }
        assert!(is_this_machine("::1") && is_this_machine("LocalHost") && !is_this_machine("127.0.0.1.test"));
    }

    #[test]
    fn a_link_local_address_can_be_allowed_and_nothing_else() {
        let host = |text: &str| Destination::of_host(text).unwrap();
        let allowed: [IpAddr; 3] = [[169, 254, 7, 7].into(), [0, 0, 0, 0].into(), [224, 0, 0, 1].into()];
        assert_eq!(host("169.254.7.7").check(&allowed), Ok(()));
        assert_eq!(host("169.254.7.8").check(&allowed), Err(DestinationProblem::LinkLocal));
        assert_eq!(host("0.0.0.0").check(&allowed), Err(DestinationProblem::Unspecified));
        assert_eq!(host("224.0.0.1").check(&allowed), Err(DestinationProblem::Multicast));
    }

    proptest! {
        /// Whatever the parser of URLs makes of a text, no way of writing leads to a metadata service.
        #[test]
        fn no_spelling_leads_to_a_refused_address(
            host in "(0x|0)?[0-9a-f]{1,4}(\\.(0x|0)?[0-9a-f]{1,4}){0,3}\\.?|\\[[0-9a-f:]{2,20}\\]|[%0-9a-z.]{1,20}",
            scheme in "https|http|postgres|mysql|amqp",
        ) {
            let text = format!("{scheme}://{host}/x");
            if url(&text).is_ok() {
                let parsed = Url::parse(&text).unwrap();
                let meant = parsed.host_str().and_then(|host| Host::parse(host).ok());
                let address = match meant {
                    Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
                    Some(Host::Ipv6(address)) => Some(embedded(address.into()).unwrap_or(address.into())),
                    _ => None,
                };
                if let Some(address) = address {
                    prop_assert_eq!(check_address(address, &[]), Ok(()), "{}", text);
                }
            }
        }

        #[test]
        fn any_text_is_answered(text in ".{0,60}") {
            let _ = url(&text);
            let _ = Destination::of_host(&text);
            let _ = is_https_or_local(&text);
        }
    }
}
