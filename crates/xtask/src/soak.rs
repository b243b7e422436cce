//! `cargo xtask soak`

use std::process::Command;

use anyhow::Result;
use clap::Args;

use crate::cargo::{EVERYTHING, built, cargo};
use crate::run;

/// What is passed on; `cargo xtask soak -- --help` lists it.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Options of the soak, after `--`.
    #[arg(last = true)]
    passed_on: Vec<String>,
}

/// Builds the program and the soak, and runs it to its end.
pub(crate) fn run(options: &Options) -> Result<()> {
    let programs = ["build", "--quiet", "--bin", "habeas", "--bin", "habeas-soak"];
    run::checked(cargo(&programs)?.args(EVERYTHING))?;
    let mut soak = Command::new(built("habeas-soak")?);
    run::checked(soak.env("HABEAS_BIN", built("habeas")?).args(&options.passed_on))
}
