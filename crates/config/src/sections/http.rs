//! `[http]`

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use habeas_domain::Links;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::Findings;

/// The HTTP API and the pages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// The address and port to listen on. Put a proxy that adds TLS in front of it.
    #[schemars(with = "String")]
    pub listen: SocketAddr,
    /// A second address and port for this machine's own network alone: /metrics and /readyz without a token. Without it, /metrics
    /// on the first one takes a token with the scope `read`.
    #[schemars(with = "Option<String>", example = &"127.0.0.1:9090")]
    pub internal_listen: Option<SocketAddr>,
    /// Where people reach the pages from outside; links in mails begin with it. Without it, `http://` and the address above.
    #[schemars(example = &"https://privacy.example.com")]
    pub base_url: Option<String>,
    /// The proxies in front, whose X-Forwarded-For is believed for the limits per caller.
    #[schemars(with = "Vec<String>")]
    pub trusted_proxies: Vec<IpAddr>,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080),
            internal_listen: None,
            base_url: None,
            trusted_proxies: Vec::new(),
        }
    }
}

impl Http {
    /// Where people reach the pages, when the daemon listens on `listening`.
    pub fn base_url_on(&self, listening: SocketAddr) -> String {
        self.base_url.clone().unwrap_or_else(|| format!("http://{listening}"))
    }

    pub(crate) fn check(&self, findings: &mut Findings) {
        if self.internal_listen == Some(self.listen) && self.listen.port() != 0 {
            findings.add("http.internal_listen", "the same as http.listen", "give it a port of its own");
        }
        if let Some(Err(problem)) = self.base_url.as_deref().map(Links::new) {
            findings.add("http.base_url", "no link can begin with it", problem.to_string());
        }
        if self.base_url.is_none() && self.listen.ip().is_unspecified() {
            findings.missing(
                "http.base_url",
                "http.listen is every address of this machine, which no link can name",
                "\"https://privacy.example.com\"",
            );
        }
    }
}
