//! The registered stores and their connections.

use std::{sync::Arc, time::Duration};

use habeas_config::Config;
use habeas_connector_api::{
    DataStore,
    layers::{LayerOptions, Metrics, Observer, layered},
};
use habeas_connector_sql::{SqlOptions, SqlStore};
use habeas_fulfilment::{StoreHandle, Stores};
use habeas_registry::{Manifest, ManifestProblem, Registry, RegistryError};

use crate::{
    context::Context,
    failure::{Exit, Failure},
};

/// How much longer a statement that changes rows may take than the first answer to one that reads.
const WRITE_FACTOR: u32 = 4;

/// The longest that a whole change set may take: one person may have millions of rows. The connector gives each of its
/// statements their own limit, and ends on the server what it gave up.
const CHANGE_SET: Duration = Duration::from_hours(2);

/// Every manifest of the configured folder.
pub(crate) fn open_registry(config: &Config) -> Result<Registry, Failure> {
    let folder = config.stores_folder();
    if config.is_embedded() && !folder.exists() {
        let message = format!("there is no folder of store manifests at {}", folder.display());
        return Err(Failure::new(Exit::Config, "manifests", message).fix(
            "make it and add a manifest for each store, or see how it looks with `habeas demo --keep demo`",
        ));
    }
    let registry = Registry::load(&folder)?;
    let problems = registry.address_problems(&variable, &config.network.allow_link_local);
    if problems.is_empty() { Ok(registry) } else { Err(RegistryError::Problems(problems).into()) }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A connection to every store, with all layers. A store that is away is connected to when it is needed.
pub(crate) fn connect_stores(context: &Context, registry: &Registry) -> Result<Stores, Failure> {
    let handles = registry
        .manifests()
        .iter()
        .map(|manifest| Ok(StoreHandle::new(manifest.store.clone(), connect(context, manifest)?)));
    Ok(Stores::new(handles.collect::<Result<Vec<_>, Failure>>()?))
}

fn connect(context: &Context, manifest: &Manifest) -> Result<Arc<dyn DataStore>, Failure> {
    let wrong = |problem: ManifestProblem| Failure::from(RegistryError::Problems(vec![problem]));
    let url = manifest.read_url(&variable).map_err(|problem| wrong(*problem))?;
    let concurrency = u32::try_from(manifest.limits.concurrency).unwrap_or(u32::MAX);
    let write_timeout = manifest.limits.timeout * WRITE_FACTOR;
    let options = SqlOptions { max_connections: concurrency, write_timeout, ..SqlOptions::new(url) };
    let store = SqlStore::open(&options).map_err(|error| {
        wrong(manifest.url_problem(error.to_string(), "write it as the driver's own programs take it"))
    })?;
    let limits = LayerOptions {
        read_timeout: manifest.limits.timeout,
        write_timeout: CHANGE_SET,
        concurrency: manifest.limits.concurrency,
        rate: manifest.limits.rate_per_second,
        ..LayerOptions::default()
    };
    let observers: Vec<Arc<dyn Observer>> = vec![Arc::new(Metrics)];
    Ok(layered(&manifest.store, store, &limits, Arc::clone(&context.entropy), observers))
}
