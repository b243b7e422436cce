//! `cargo xtask fuzz`

use std::process::Command;

use anyhow::{Context as _, Result};
use clap::Args;

use crate::cargo::{cargo, root};
use crate::run;

/// Where the targets are, below the root.
const TARGETS: &str = "crates/mailbox/fuzz";
/// Mails to begin with, below the root.
const SEEDS: [&str; 2] = ["crates/mailbox/tests/corpus/en", "crates/mailbox/tests/corpus/ja"];

/// How long to look for faults.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How many seconds.
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

/// Feeds made-up mails to the parser and the classifier; fails on a panic, on more than 10 seconds or 1 GiB for one mail.
pub(crate) fn run(options: &Options) -> Result<()> {
    if !run::succeeds(&mut cargo(&["fuzz", "--version"])?) {
        run::checked(&mut cargo(&["install", "--locked", "cargo-fuzz"])?)?;
    }
    let found = tempfile::tempdir().context("making a folder for what the fuzzer finds")?;
    let mut fuzz = fuzzer()?;
    let root = root()?;
    fuzz.arg(found.path()).args(SEEDS.map(|seeds| root.join(seeds)));
    fuzz.args(["--", "-max_len=65536", "-timeout=10", "-rss_limit_mb=1024", "-print_final_stats=1"]);
    fuzz.arg(format!("-max_total_time={}", options.seconds));
    run::checked(&mut fuzz)
}

/// cargo-fuzz asks for unstable flags, which the pinned compiler takes only when told that it is meant.
fn fuzzer() -> Result<Command> {
    let mut fuzz = cargo(&["fuzz", "run", "--fuzz-dir", TARGETS, "understand"])?;
    fuzz.env("RUSTC_BOOTSTRAP", "1");
    Ok(fuzz)
}
