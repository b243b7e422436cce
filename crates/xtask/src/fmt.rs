//! `cargo xtask fmt`

use anyhow::Result;

use crate::cargo::cargo;
use crate::run;

/// Formats the code, or only says whether it is formatted.
pub(crate) fn run(check: bool) -> Result<()> {
    let mut command = cargo(&["fmt", "--all"])?;
    if check {
        command.args(["--", "--check"]);
    }
    run::checked(&mut command)
}
