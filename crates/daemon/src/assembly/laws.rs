//! The laws, and whether what the configuration says of them fits.

use habeas_config::{Config, ConfigError};
use habeas_domain::Regimes;
use habeas_intake::{PolicyTable, Reception, ReceptionError};

use super::{calendars, reception::reception_options, regimes};
use crate::{
    context::Context,
    failure::{Exit, Failure},
};

/// The laws as this deployment applies them, once every setting that names one was found to fit. Asks no server, so that a
/// check of the configuration finds what a start would.
pub(crate) fn laws(context: &Context, config: &Config) -> Result<Regimes, Failure> {
    let regimes = regimes(config)?;
    Reception::check(&regimes, &calendars()?, &reception_options(config)?)
        .map_err(|error| misfit(context, &error))?;
    Ok(regimes)
}

/// A setting that does not fit the laws, as a problem of the configuration with its place.
pub(super) fn misfit(context: &Context, error: &ReceptionError) -> Failure {
    let Some((field, fix)) = place(error) else {
        return Failure::of(Exit::Config, "regimes", error)
            .fix("name a calendar that ships, or leave it out of the law's file");
    };
    // What to do stands apart from what is wrong.
    let told = error.to_string();
    let wrong = told.split_once("; ").map_or(told.as_str(), |(wrong, _)| wrong);
    ConfigError::Problems(vec![context.sources.problem(&field, wrong, fix)]).into()
}

/// The key that says it, and what to do; nothing where a law's own file is at fault.
fn place(error: &ReceptionError) -> Option<(Vec<String>, String)> {
    let table = |table: PolicyTable| match table {
        PolicyTable::Approvals => vec!["approval".to_owned()],
        PolicyTable::Levels => vec!["verification".to_owned(), "levels".to_owned()],
    };
    let below = |mut path: Vec<String>, keys: &[String]| {
        path.extend_from_slice(keys);
        path
    };
    let requests = |key: &str| vec!["requests".to_owned(), key.to_owned()];
    let one_of = |known: &str| format!("use one of {known}, or put its file into requests.regimes_folder");
    Some(match error {
        ReceptionError::UnknownDefault { known, .. } => (requests("default_regime"), one_of(known)),
        ReceptionError::UnknownTaken { known, .. } => (requests("regimes"), one_of(known)),
        ReceptionError::DefaultNotTaken { regime } => {
            (requests("regimes"), format!("add {regime}, or set requests.default_regime to one of them"))
        }
        ReceptionError::UnknownRegime { table: of, regime, known } => {
            (below(table(*of), &[regime.to_string()]), one_of(known))
        }
        ReceptionError::NotOffered { table: of, regime, right } => {
            (below(table(*of), &[regime.to_string(), right.to_string()]), "leave it out".to_owned())
        }
        ReceptionError::OtherDoor { regime, right, other, .. } => (
            below(table(PolicyTable::Levels), &[regime.to_string(), right.to_string()]),
            format!("set {right} and {other} to the same level"),
        ),
        ReceptionError::Calendar(_) => return None,
    })
}
