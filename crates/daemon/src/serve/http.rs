//! The HTTP server: health checks in every process, the API and the pages where that role runs.

use std::{net::SocketAddr, num::NonZeroU32, sync::Arc, time::Duration};

use axum::{Router, middleware::from_fn_with_state};
use habeas_api::{ApiOptions, HealthOptions, Metrics, Part, Ports, health};
use habeas_config::Config;
use habeas_console::{ConsoleOptions, Desk, PackageBytes};
use habeas_verification::VerificationOptions;
use habeas_web::{TrustedProxies, behind_proxies};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    assembly::{contact, controller_name},
    failure::{Exit, Failure},
};

/// How long a part may take to say that it is there.
const READY_LIMIT: Duration = Duration::from_secs(3);

/// How long answers that are on their way get when the process drains.
const FAREWELL: Duration = Duration::from_secs(10);

/// How long an answer of `/readyz` stands.
const READY_STANDS: Duration = Duration::from_secs(1);

/// How often one network may ask for the health of this process in a second.
const HEALTH_CALLS: NonZeroU32 = NonZeroU32::new(50).unwrap();

/// An address that the configuration names under this key, taken.
pub(super) async fn listen(address: SocketAddr, key: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::new(Exit::Unavailable, "http", format!("cannot listen on {address}: {error}"))
            .fix(format!("end what listens there, or set {key} to another address; port 0 takes a free one"))
    })
}

/// Health checks, and metrics for those who may read them here.
pub(super) fn of_health(parts: Vec<Arc<dyn Part>>, metrics: Metrics) -> Router {
    health(HealthOptions {
        parts,
        time_limit: READY_LIMIT,
        fresh_for: READY_STANDS,
        calls_per_client: HEALTH_CALLS,
        metrics,
    })
}

/// The API.
pub(super) fn of_api(ports: Ports) -> Router {
    habeas_api::router(ports, ApiOptions::default())
}

/// The person's pages.
pub(super) fn of_pages(
    config: &Config,
    desk: Arc<dyn Desk>,
    packages: Arc<dyn PackageBytes>,
) -> Result<Router, Failure> {
    let proof = VerificationOptions::default();
    let options = ConsoleOptions {
        code_life: proof.code_life,
        grant_life: proof.grant_life,
        controller: controller_name(config),
        time_zone: config.controller.time_zone.unwrap_or(chrono_tz::UTC),
        ..ConsoleOptions::new(contact(config))
    };
    habeas_console::router(desk, packages, options)
        .map_err(|error| Failure::of(Exit::Unavailable, "pages", &error))
}

/// Serves until `stop`, and then what is on its way, for a while.
pub(super) async fn run(
    listener: TcpListener,
    routes: Router,
    config: &Config,
    stop: CancellationToken,
) -> Result<(), Failure> {
    let proxies = TrustedProxies::new(config.http.trusted_proxies.iter().copied());
    let routes = routes.layer(from_fn_with_state(proxies, behind_proxies));
    let service = routes.into_make_service_with_connect_info::<SocketAddr>();
    let graceful = stop.clone().cancelled_owned();
    let serving = axum::serve(listener, service).with_graceful_shutdown(graceful);
    let late = async {
        stop.cancelled().await;
        tokio::time::sleep(FAREWELL).await;
    };
    tokio::select! {
        ended = serving => ended.map_err(|error| Failure::of(Exit::Unavailable, "http", &error)),
        () = late => Ok(()),
    }
}
