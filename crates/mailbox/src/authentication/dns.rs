//! Asking name servers, within limits.

use std::{fmt, net::SocketAddr, time::Duration};

use mail_auth::{
    MessageAuthenticator,
    hickory_resolver::{
        config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts},
        net::NetError,
        system_conf::read_system_conf,
    },
};

/// The most answers that are remembered.
const CACHED: u64 = 4_096;

/// How long an answer is remembered at most, whatever its owner says.
const LONGEST_POSITIVE: Duration = Duration::from_hours(1);

/// The same for the answer that there is nothing.
const LONGEST_NEGATIVE: Duration = Duration::from_mins(5);

/// How long name servers may take.
#[derive(Debug, Clone, Copy)]
pub struct DnsLimits {
    /// For one question to one server.
    pub question: Duration,
    /// How often a question is asked.
    pub attempts: usize,
    /// For all questions about one mail.
    pub whole: Duration,
}

impl Default for DnsLimits {
    fn default() -> Self {
        Self { question: Duration::from_secs(2), attempts: 2, whole: Duration::from_secs(10) }
    }
}

/// Name servers that cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum DnsError {
    /// The system's own settings.
    #[error(
        "the system's name servers cannot be read; check /etc/resolv.conf, or name servers in the configuration"
    )]
    System(#[source] NetError),
    /// The resolver.
    #[error("the name servers cannot be used")]
    Resolver(#[source] NetError),
}

/// Name servers, with a bounded memory of their answers. Cheap to clone; clones share it.
#[derive(Clone)]
pub struct Dns {
    authenticator: MessageAuthenticator,
    limits: DnsLimits,
}

impl Dns {
    /// The name servers of this machine.
    pub fn system(limits: DnsLimits) -> Result<Self, DnsError> {
        let (config, options) = read_system_conf().map_err(DnsError::System)?;
        Self::new(config, options, limits)
    }

    /// These name servers.
    pub fn servers(servers: &[SocketAddr], limits: DnsLimits) -> Result<Self, DnsError> {
        let server = |address: &SocketAddr| {
            let on_port = |mut connection: ConnectionConfig| {
                connection.port = address.port();
                connection
            };
            let connections = vec![on_port(ConnectionConfig::udp()), on_port(ConnectionConfig::tcp())];
            NameServerConfig::new(address.ip(), true, connections)
        };
        let config = ResolverConfig::from_name_servers(servers.iter().map(server).collect());
        Self::new(config, ResolverOpts::default(), limits)
    }

    fn new(config: ResolverConfig, mut options: ResolverOpts, limits: DnsLimits) -> Result<Self, DnsError> {
        options.timeout = limits.question;
        options.attempts = limits.attempts;
        options.cache_size = CACHED;
        options.positive_max_ttl = Some(LONGEST_POSITIVE);
        options.negative_max_ttl = Some(LONGEST_NEGATIVE);
        let authenticator = MessageAuthenticator::new(config, options).map_err(DnsError::Resolver)?;
        Ok(Self { authenticator, limits })
    }

    pub(super) const fn authenticator(&self) -> &MessageAuthenticator {
        &self.authenticator
    }

    pub(super) const fn limits(&self) -> &DnsLimits {
        &self.limits
    }
}

impl fmt::Debug for Dns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dns").field("limits", &self.limits).finish_non_exhaustive()
    }
}
