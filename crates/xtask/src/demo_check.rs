//! `cargo xtask demo-check`

use anyhow::{Context as _, Result};

use crate::cargo::cargo;
use crate::run;

/// Runs the demo as a newcomer does, and checks its document against the files that it leaves.
pub(crate) fn run() -> Result<()> {
    let folder = tempfile::tempdir().context("making a folder for the demo")?;
    let kept = folder.path().join("demo");
    let mut demo = cargo(&["run", "--quiet", "--", "demo", "--output", "json", "--keep"])?;
    let document = run::output(demo.arg(&kept))?;
    let file = folder.path().join("demo.json");
    std::fs::write(&file, document).context("keeping the demo's document")?;
    let checker = ["run", "--quiet", "--package", "habeas-test-support", "--bin", "habeas-demo-check", "--"];
    run::checked(cargo(&checker)?.arg(&file).arg(&kept))
}
