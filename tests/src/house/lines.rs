//! Lines between the daemon and its servers, each of which can be cut.

use anyhow::{Context as _, Result};
use habeas_test_support::TcpProxy;

/// A line to each server.
#[derive(Debug)]
pub struct Lines {
    /// To the state database.
    pub state: TcpProxy,
    /// To the broker.
    pub broker: TcpProxy,
}

impl Lines {
    pub(super) async fn lay(state_url: &str, amqp_url: &str) -> Result<Self> {
        Ok(Self {
            state: TcpProxy::start(authority(state_url)?).await?,
            broker: TcpProxy::start(authority(amqp_url)?).await?,
        })
    }
}

/// `host:port` of a URL that names both, with or without a user.
pub(crate) fn authority(url: &str) -> Result<&str> {
    let rest = url.split_once("://").map(|(_, rest)| rest);
    let rest = rest.map(|rest| rest.split('/').next().unwrap_or(rest));
    rest.and_then(|rest| rest.rsplit('@').next()).context("the server's address")
}

/// The same URL, over a line.
pub(crate) fn over(line: &TcpProxy, url: &str) -> Result<String> {
    Ok(url.replacen(authority(url)?, &line.address(), 1))
}
