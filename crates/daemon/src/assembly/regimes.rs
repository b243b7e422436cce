//! The laws.

use std::path::Path;

use habeas_config::Config;
use habeas_domain::{Calendars, DataFileError, Regime, Regimes};

use super::data_files::toml_files;
use crate::failure::{Exit, Failure};

/// The built-in regimes and those of the configured folder, with the controller's time zone.
pub(crate) fn regimes(config: &Config) -> Result<Regimes, Failure> {
    let mut regimes = Regimes::builtin().map_err(|error| wrong(&error))?;
    if let Some(folder) = &config.requests.regimes_folder {
        add_from(folder, &mut regimes)?;
    }
    let Some(time_zone) = config.controller.time_zone else { return Ok(regimes) };
    let mut local = Regimes::default();
    for regime in regimes.iter() {
        local.add(Regime { time_zone, ..regime.clone() });
    }
    Ok(local)
}

/// Those of them under which requests are taken.
pub(crate) fn taken(config: &Config, regimes: &Regimes) -> Regimes {
    let mut taken = Regimes::default();
    for regime in regimes.iter().filter(|regime| config.requests.takes(&regime.id)) {
        taken.add(regime.clone());
    }
    taken
}

/// The built-in calendars of holidays.
pub(crate) fn calendars() -> Result<Calendars, Failure> {
    Calendars::builtin().map_err(|error| wrong(&error))
}

fn wrong(error: &DataFileError) -> Failure {
    Failure::of(Exit::Config, "regimes", error).fix("correct the data file")
}

fn add_from(folder: &Path, regimes: &mut Regimes) -> Result<(), Failure> {
    for (file, text) in toml_files(folder, "regimes", "requests.regimes_folder")? {
        regimes.add(Regime::parse(&file, &text).map_err(|error| wrong(&error))?);
    }
    Ok(())
}
