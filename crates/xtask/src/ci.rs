//! `cargo xtask ci`

use anyhow::Result;

use crate::cargo::{EVERYTHING, cargo};
use crate::steps::{self, Step};
use crate::{demo_check, doc, fmt, generate, lint, run, test};

/// What a change must pass, cheapest first.
const STEPS: &[Step] = &[
    Step { name: "format", work: || fmt::run(true) },
    Step { name: "lints", work: lint::run },
    Step { name: "documentation", work: doc::run },
    Step { name: "direction of dependencies", work: direction },
    Step { name: "generated files", work: || generate::run(true) },
    Step { name: "tests", work: || test::run(&test::Options::default()) },
    Step { name: "demo", work: demo_check::run },
];

/// Runs all steps.
pub(crate) fn run() -> Result<()> {
    steps::run(STEPS)
}

/// Before all other tests: a dependency in the wrong direction should be told before the hour is over.
fn direction() -> Result<()> {
    run::checked(cargo(&["test", "--quiet", "--test", "direction"])?.args(EVERYTHING))
}
