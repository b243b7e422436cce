//! `cargo xtask lint`

use anyhow::Result;

use crate::cargo::cargo;
use crate::run;

/// Clippy over everything; each warning fails.
pub(crate) fn run() -> Result<()> {
    run::checked(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?)
}
