//! Calling cargo on this workspace.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::run;

/// All packages and all their targets, with the failpoints that the recovery tests need. One selection for building and
/// testing: cargo settles the features of dependencies per selection, and another one would compile them again.
pub(crate) const EVERYTHING: [&str; 3] = ["--workspace", "--features", "habeas-daemon/failpoints"];

/// A cargo command at the root of the workspace.
pub(crate) fn cargo(arguments: &[&str]) -> Result<Command> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(arguments).current_dir(root()?);
    Ok(command)
}

/// The root of the workspace.
pub(crate) fn root() -> Result<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.ancestors().nth(2).map(Path::to_path_buf).context("this crate lies two folders below the root")
}

/// Where a program is built to, in the profile that tests use.
pub(crate) fn built(program: &str) -> Result<PathBuf> {
    Ok(target()?.join("debug").join(program))
}

/// Where a program is built to, in the profile that is released.
pub(crate) fn released(program: &str) -> Result<PathBuf> {
    Ok(target()?.join("release").join(program))
}

fn target() -> Result<PathBuf> {
    let metadata = run::output(&mut cargo(&["metadata", "--no-deps", "--format-version", "1"])?)?;
    let metadata: Value = serde_json::from_slice(&metadata).context("reading what cargo metadata says")?;
    let target = metadata.get("target_directory").and_then(Value::as_str);
    target.map(PathBuf::from).context("cargo metadata names no target directory")
}
