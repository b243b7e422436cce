//! The desk behind every door.

use std::time::Duration;

use chrono::TimeDelta;
use habeas_config::Config;
use habeas_domain::{AgentTerms, RegimeId, Regimes};
use habeas_intake::{Correctable, Reception, ReceptionOptions};
use habeas_ledger::Ledger;

use super::{calendars, laws::misfit};
use crate::{
    context::Context,
    failure::{Exit, Failure},
};

const DAY: Duration = Duration::from_hours(24);

/// On which terms the requests of agents are taken.
pub(crate) fn agent_terms(config: &Config) -> AgentTerms {
    let section = &config.agents;
    AgentTerms {
        proof_life: TimeDelta::days(section.proof_days.get().into()),
        pace: TimeDelta::milliseconds(60_000 / i64::from(section.people_a_minute.get())),
        most_open: section.most_open.get().into(),
    }
}

/// What this deployment decides about submissions.
pub(super) fn reception_options(config: &Config) -> Result<ReceptionOptions, Failure> {
    let default_regime = RegimeId::new(config.requests.regime())
        .map_err(|error| Failure::of(Exit::Config, "configuration", &error))?;
    Ok(ReceptionOptions {
        regimes: config.requests.regimes.iter().cloned().collect(),
        default_language: config.requests.default_language,
        lapse_after: DAY * config.requests.lapse_after_days.get(),
        approvals: config.approval.0.clone(),
        levels: config.verification.levels.clone(),
        agents: agent_terms(config),
        time_zone: config.controller.time_zone,
        ..ReceptionOptions::new(default_regime)
    })
}

/// The desk behind every door.
pub(crate) fn reception(
    context: &Context,
    config: &Config,
    ledger: &Ledger,
    regimes: &Regimes,
    correctable: Option<Correctable>,
) -> Result<Reception, Failure> {
    let options = ReceptionOptions { correctable, ..reception_options(config)? };
    Reception::new(ledger.clone(), regimes, &calendars()?, options).map_err(|error| misfit(context, &error))
}
