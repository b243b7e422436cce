//! What the fulfilment workers share.

use std::{sync::Arc, time::Duration};

use habeas_config::Config;
use habeas_domain::{Bilingual, Links, Regimes};
use habeas_fulfilment::{Controller, Fulfilment, FulfilmentOptions, Objects, Stores};
use habeas_ledger::Ledger;
use habeas_registry::Registry;
use habeas_verification::VerificationOptions;

use super::controller_name;
use crate::failure::{Exit, Failure};

const DAY: Duration = Duration::from_hours(24);

/// The addresses of the person's pages.
pub(crate) fn links(base_url: &str) -> Result<Links, Failure> {
    Links::new(base_url).map_err(|error| Failure::of(Exit::Config, "configuration", &error))
}

/// The same as the daemon makes them, for a command that mails some itself.
///
/// # Errors
/// If only the daemon knows where its pages are: a link to elsewhere would leave with the ones before already void.
pub(crate) fn links_of(config: &Config) -> Result<Links, Failure> {
    let (listen, base_url) = (config.http.listen, &config.http.base_url);
    if base_url.is_none() && listen.port() == 0 {
        let message =
            "nobody but the running daemon knows where its pages are: http.listen leaves the port open";
        return Err(Failure::new(Exit::Config, "configuration", message)
            .fix("set http.base_url, or http.listen to the address and port that the daemon listens on"));
    }
    links(&config.http.base_url_on(listen))
}

/// What the fulfilment workers share.
pub(crate) fn fulfilment(
    config: &Config,
    ledger: &Ledger,
    (registry, stores): (Registry, Stores),
    objects: Objects,
    regimes: Arc<Regimes>,
    links: Links,
) -> Fulfilment {
    let unnamed = || Bilingual { en: "the controller".to_owned(), ja: "管理者".to_owned() };
    let options = FulfilmentOptions {
        controller: Controller {
            name: controller_name(config).unwrap_or_else(unnamed),
            notice_version: config.controller.notice_version.clone(),
        },
        links,
        package_ttl: DAY * config.packages.ttl_days.get(),
        package_downloads: config.packages.downloads.get(),
        confirm_ttl: VerificationOptions::default().link_life,
        deletion_grace: config.deletion.grace(),
    };
    Fulfilment {
        ledger: ledger.clone(),
        registry: Arc::new(registry),
        stores,
        objects,
        regimes,
        options: Arc::new(options),
    }
}
