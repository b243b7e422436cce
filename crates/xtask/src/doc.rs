//! `cargo xtask doc`

use anyhow::Result;

use crate::cargo::cargo;
use crate::run;

/// The documentation of the code; each warning fails.
pub(crate) fn run() -> Result<()> {
    run::checked(cargo(&["doc", "--workspace", "--no-deps"])?.env("RUSTDOCFLAGS", "-D warnings"))
}
