//! The health check of a container.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use serde_json::json;

use crate::{
    context::Context,
    failure::{Exit, Failure},
    output::Report,
};

const LIMIT: Duration = Duration::from_secs(5);

/// Asks the process that serves on this machine whether it lives.
pub(crate) async fn quick(context: &Context) -> Result<Report, Failure> {
    let config = context.load()?.config;
    let url = format!("http://{}/livez", here(config.http.listen));
    let failed = |error: reqwest::Error| {
        Failure::of(Exit::Unavailable, "daemon", &error.without_url())
            .fix(format!("is `habeas serve` up? {url}"))
    };
    let client = reqwest::Client::builder()
        .timeout(LIMIT)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(failed)?;
    let answer = client.get(&url).send().await.map_err(failed)?;
    answer.error_for_status().map_err(failed)?;
    Ok(Report::new("alive", &json!({ "alive": true })))
}

/// An address to connect to for one to listen on.
fn here(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}
