//! The HTTP client of the tests.

use std::time::Duration;

use anyhow::{Context as _, Result};

/// A client with a time limit of 30 seconds per call that follows no redirects and opens a connection per call, so that
/// tests with runtimes of their own can share it. Uses the ring provider for TLS, and
/// installs it for the process if none is there yet.
pub fn client() -> Result<reqwest::Client> {
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .timeout(Duration::from_secs(30))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .pool_max_idle_per_host(0)
        .build()
        .context("building an HTTP client")
}
