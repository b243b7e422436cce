//! `cargo xtask bench`

use std::process::Command;

use anyhow::Result;
use clap::Args;

use crate::cargo::{cargo, released};
use crate::run;

/// The program and what it measures.
const PROGRAMS: [&str; 4] = ["--package", "habeas-daemon", "--package", "habeas-tests"];

/// What is passed on to the benchmark; `cargo xtask bench -- --help` lists it. `-- mails` measures how fast mails are
/// understood, and understood and stored, instead.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Options of the benchmark, after `--`.
    #[arg(last = true)]
    passed_on: Vec<String>,
}

/// What to pass on for the benchmark of mails, in place of the one of the whole system.
const MAILS: &str = "mails";

/// Builds the program and the benchmark as they are released, and runs the benchmark.
pub(crate) fn run(options: &Options) -> Result<()> {
    if let Some((first, further)) = options.passed_on.split_first()
        && first == MAILS
    {
        return mails(further);
    }
    let mut build = cargo(&["build", "--quiet", "--release", "--bin", "habeas", "--bin", "habeas-bench"])?;
    run::checked(build.args(PROGRAMS))?;
    let mut bench = Command::new(released("habeas-bench")?);
    bench.env("HABEAS_BIN", released("habeas")?);
    run::checked(bench.args(&options.passed_on))
}

/// How fast mails are understood, and stored in PostgreSQL.
fn mails(options: &[String]) -> Result<()> {
    let program = "habeas-mail-bench";
    run::checked(&mut cargo(&[
        "build",
        "--quiet",
        "--release",
        "--package",
        "habeas-tests",
        "--bin",
        program,
    ])?)?;
    run::checked(Command::new(released(program)?).args(options))
}
