//! How to reach the broker, and how long to wait for it.

use std::{fmt, str::FromStr, time::Duration};

use lapin::{tcp::OwnedTLSConfig, uri::AMQPUri};

use crate::QueueError;

use super::Backoff;

/// Options of the RabbitMQ back end. Every call that leaves the process has a limit among them.
#[derive(Clone)]
pub struct RabbitOptions {
    uri: AMQPUri,
    /// The name that the broker's management pages show for our connections. Default `habeas`.
    pub connection_name: String,
    /// Certificates (PEM) to trust for `amqps` besides the native roots, for a broker with a private authority.
    pub ca_certificates: Option<String>,
    /// How often both sides prove that they live; a connection silent for twice as long is dead. Whole seconds, at
    /// least 1. Default 10 s. A `heartbeat` in the URL wins.
    pub heartbeat: Duration,
    /// Limit for opening a connection, TLS and login included. Default 10 s.
    pub connect_timeout: Duration,
    /// Limit for one publish window, waiting for its turn included. Default 10 s.
    pub publish_timeout: Duration,
    /// Limit for every other call: declaring, acknowledging, looking. Default 10 s.
    pub call_timeout: Duration,
    /// How long a consumer may receive nothing before it makes sure that it still would: by subscribing anew when
    /// nothing is unsettled, else by asking the broker over its channel. What died in silence is rebuilt after at most
    /// this plus [`call_timeout`](Self::call_timeout). Default 30 s.
    pub probe_interval: Duration,
    /// The largest body in bytes. A larger one is not published; a foreign one is rejected to the dead letters
    /// by the broker, so that no second copy of it is held. Default 1 MiB.
    pub max_message_bytes: usize,
    /// The pauses between attempts to reconnect.
    pub backoff: Backoff,
}

impl RabbitOptions {
    /// The defaults for a URL such as `amqps://user:password@broker.example.com/%2f`.
    ///
    /// # Errors
    /// [`QueueError::InvalidUrl`].
    pub fn new(url: &str) -> Result<Self, QueueError> {
        let uri = AMQPUri::from_str(url).map_err(|_| QueueError::InvalidUrl)?;
        Ok(Self {
            uri,
            connection_name: "habeas".into(),
            ca_certificates: None,
            heartbeat: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(10),
            publish_timeout: Duration::from_secs(10),
            call_timeout: Duration::from_secs(10),
            probe_interval: Duration::from_secs(30),
            max_message_bytes: 1024 * 1024,
            backoff: Backoff::default(),
        })
    }

    pub(super) fn uri(&self) -> AMQPUri {
        let mut uri = self.uri.clone();
        let seconds = u16::try_from(self.heartbeat.as_secs().max(1)).unwrap_or(u16::MAX);
        uri.query.heartbeat.get_or_insert(seconds);
        uri
    }

    pub(super) fn tls(&self) -> OwnedTLSConfig {
        OwnedTLSConfig { identity: None, cert_chain: self.ca_certificates.clone() }
    }
}

/// Leaves out the URL, which holds a password.
impl fmt::Debug for RabbitOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RabbitOptions")
            .field("host", &self.uri.authority.host)
            .field("port", &self.uri.authority.port)
            .field("probe_interval", &self.probe_interval)
            .field("backoff", &self.backoff)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_debug_nor_errors_show_the_password() {
        let options = RabbitOptions::new("amqp://habeas:hush@broker.example.com:5673/%2f").unwrap();
        let shown = format!("{options:?}");
        assert!(shown.contains("broker.example.com") && !shown.contains("hush"));
        let error = RabbitOptions::new("http://habeas:hush@broker.example.com").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hush"));
    }

    #[test]
    fn a_heartbeat_in_the_url_wins() {
        let own = RabbitOptions::new("amqp://broker.example.com/%2f").unwrap();
        assert_eq!(own.uri().query.heartbeat, Some(10));
        let given = RabbitOptions::new("amqp://broker.example.com/%2f?heartbeat=3").unwrap();
        assert_eq!(given.uri().query.heartbeat, Some(3));
    }
}
