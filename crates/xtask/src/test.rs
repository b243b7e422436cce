//! `cargo xtask test`

mod counts;
mod install;
mod programs;
mod runner;
mod servers;

use anyhow::{Result, bail};
use clap::Args;

use crate::cargo::{EVERYTHING, built, cargo};
use crate::run;
use counts::Counts;
use servers::Servers;

/// What to run, and with what.
#[derive(Debug, Default, Args)]
pub(crate) struct Options {
    /// Uses `cargo test` even if cargo-nextest is there.
    #[arg(long)]
    no_nextest: bool,
    /// Installs what is missing and runs nothing.
    #[arg(long)]
    install_only: bool,
}

/// Installs what is missing, starts the servers, runs all tests, ends the servers, and counts.
pub(crate) fn run(options: &Options) -> Result<()> {
    install::missing()?;
    if options.install_only {
        return Ok(());
    }
    println!("--- building");
    run::checked(cargo(&["build", "--all-targets"])?.args(EVERYTHING))?;
    println!("--- starting PostgreSQL, MariaDB and RabbitMQ");
    let servers = Servers::start(&built("habeas-test-servers")?)?;
    println!("--- running the tests");
    let program = built("habeas")?;
    let tests = runner::tests(options.no_nextest, &servers, &program);
    let doc_tests = runner::doc_tests(&servers, &program);
    servers.end()?;
    conclude(tests?, doc_tests?)
}

/// The closing lines; fails unless all that there is ran and passed.
fn conclude(tests: Counts, doc_tests: Counts) -> Result<()> {
    let all = tests + doc_tests;
    if all.skipped > 0 {
        println!("{} skipped", all.skipped);
    }
    println!("{} passed, {} failed", all.passed, all.failed);
    if all.failed > 0 {
        bail!("{} tests failed", all.failed);
    }
    if all.skipped > 0 {
        bail!("{} tests did not run: no test may be ignored or left out", all.skipped);
    }
    if tests.passed == 0 {
        bail!("no test ran");
    }
    if !(tests.succeeded && doc_tests.succeeded) {
        bail!("the test runner failed, though no test did; see above");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64, skipped: u64) -> Counts {
        Counts { passed, failed, skipped, succeeded: failed == 0 }
    }

    #[test]
    fn only_a_whole_and_clean_run_passes() {
        conclude(counts(5, 0, 0), counts(0, 0, 0)).unwrap();
        for (tests, doc_tests) in [
            (counts(5, 1, 0), counts(1, 0, 0)),
            (counts(5, 0, 1), counts(1, 0, 0)),
            (counts(5, 0, 0), counts(1, 0, 1)),
            (counts(0, 0, 0), counts(1, 0, 0)),
            (Counts { succeeded: false, ..counts(5, 0, 0) }, counts(1, 0, 0)),
        ] {
            assert!(conclude(tests, doc_tests).is_err(), "{tests:?} {doc_tests:?}");
        }
    }
}
