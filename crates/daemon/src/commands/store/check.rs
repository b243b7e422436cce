//! `habeas store check`

use std::time::Duration;

use clap::Args;
use habeas_domain::StoreName;
use habeas_fulfilment::Stores;
use habeas_registry::{Finding, Manifest, Registry, check_live};
use serde_json::json;

use crate::{
    assembly::{connect_stores, open_registry},
    context::Context,
    failure::{Exit, Failure},
    output::{Progress, Report},
};

/// How long a store may take to describe itself.
const LIMIT: Duration = Duration::from_mins(1);

/// Options of `store check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Only this store.
    store: Option<StoreName>,
}

/// What a check of all stores found.
#[derive(Default)]
pub(crate) struct Checked {
    /// Findings, errors first within each store.
    pub(crate) findings: Vec<Finding>,
    /// Stores that did not answer, and why.
    pub(crate) away: Vec<(StoreName, String)>,
}

impl CheckArgs {
    pub(super) async fn run(self, context: &Context) -> Result<Report, Failure> {
        let registry = open_registry(&context.load()?.config)?;
        let stores = connect_stores(context, &registry)?;
        if let Some(wanted) = &self.store
            && stores.get(wanted).is_err()
        {
            return Err(not_registered(wanted, &registry));
        }
        Ok(report(&check(context, &registry, &stores, self.store.as_ref()).await))
    }
}

fn not_registered(wanted: &StoreName, registry: &Registry) -> Failure {
    let known: Vec<&str> = registry.stores().map(StoreName::as_str).collect();
    Failure::usage(format!("no manifest registers a store {wanted}"))
        .fix(format!("use one of: {}", known.join(", ")))
}

/// Checks the manifests against the live schemas.
pub(crate) async fn check(
    context: &Context,
    registry: &Registry,
    stores: &Stores,
    only: Option<&StoreName>,
) -> Checked {
    let wanted: Vec<&Manifest> =
        registry.manifests().iter().filter(|one| only.is_none_or(|only| only == &one.store)).collect();
    let progress = Progress::new(context, Some(wanted.len() as u64));
    let mut checked = Checked::default();
    for manifest in wanted {
        progress.say(manifest.store.to_string());
        checked
            .findings
            .extend(registry.warnings().iter().filter(|one| one.store == manifest.store).cloned());
        match described(manifest, stores).await {
            Ok(findings) => checked.findings.extend(findings),
            Err(why) => checked.away.push((manifest.store.clone(), why)),
        }
        progress.step();
    }
    checked
}

async fn described(manifest: &Manifest, stores: &Stores) -> Result<Vec<Finding>, String> {
    let handle = stores.get(&manifest.store).map_err(|error| error.to_string())?;
    match tokio::time::timeout(LIMIT, handle.schema()).await {
        Ok(Ok(schema)) => Ok(check_live(manifest, &schema)),
        Ok(Err(error)) => Err(error.to_fault().detail),
        Err(_) => Err("it did not answer in time".to_owned()),
    }
}

fn report(checked: &Checked) -> Report {
    let mut lines: Vec<String> = checked.findings.iter().map(ToString::to_string).collect();
    lines.extend(checked.away.iter().map(|(store, why)| format!("{store}: {why}")));
    let errors = checked.findings.iter().filter(|finding| finding.is_error()).count();
    let warnings = checked.findings.len() - errors;
    lines.push(format!("{errors} errors, {warnings} warnings, {} stores away", checked.away.len()));
    let away: Vec<_> =
        checked.away.iter().map(|(store, why)| json!({ "store": store, "why": why })).collect();
    let json = json!({ "findings": checked.findings, "away": away });
    let exit = match (errors, checked.away.is_empty()) {
        (0, true) => Exit::Ok,
        (0, false) => Exit::Unavailable,
        _ => Exit::Findings,
    };
    Report::new(lines.join("\n"), &json).ending(exit)
}
