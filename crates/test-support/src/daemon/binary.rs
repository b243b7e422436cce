//! Finding the `habeas` program that belongs to this test run.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// Names the program; `cargo xtask test` sets it.
const VARIABLE: &str = "HABEAS_BIN";

/// The program named by `HABEAS_BIN`, or else the one that cargo has built beside this test.
pub fn habeas() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os(VARIABLE).map(PathBuf::from) {
        return existing(named);
    }
    let test = std::env::current_exe().context("finding this test's own file")?;
    let folders = test.ancestors().skip(1).take(2);
    let mut candidates = folders.map(|folder| folder.join("habeas"));
    match candidates.find(|candidate| candidate.is_file()) {
        Some(found) => Ok(found),
        None => bail!("no habeas program near {}: {}", test.display(), advice()),
    }
}

fn existing(named: PathBuf) -> Result<PathBuf> {
    if Path::new(&named).is_file() {
        return Ok(named);
    }
    bail!("{VARIABLE} names {}, which is no file: {}", named.display(), advice())
}

fn advice() -> String {
    format!("build it with `cargo build -p habeas-daemon --features failpoints`, or set {VARIABLE}")
}
