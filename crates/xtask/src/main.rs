//! The developer's commands: `cargo xtask <command>`.

mod bench;
mod cargo;
mod ci;
mod demo_check;
mod doc;
mod fmt;
mod fuzz;
mod generate;
mod lint;
mod run;
mod soak;
mod steps;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Checks, tests and generated files of the Habeas workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Everything that a change must pass: format, lints, docs, directions, all tests.
    Ci,
    /// All tests, on real servers, which are installed if they are missing.
    Test(test::Options),
    /// Formats the code.
    Fmt {
        /// Changes nothing and fails if something is not formatted.
        #[arg(long)]
        check: bool,
    },
    /// Clippy over everything; each warning fails.
    Lint,
    /// The documentation of the code; each warning fails.
    Doc,
    /// The generated files under deploy/.
    Generate {
        /// Changes nothing and fails if a file is not up to date.
        #[arg(long)]
        check: bool,
    },
    /// Measures speed, memory and cost on real servers, and prints the figures as JSON.
    Bench(bench::Options),
    /// Feeds made-up mails to the parser and the classifier for a minute; fails on any finding.
    Fuzz(fuzz::Options),
    /// Kills workers, the broker and the embedded program again and again under load; fails if anything is lost or doubled.
    Soak(soak::Options),
    /// Runs the demo and checks what it says against the files that it leaves.
    DemoCheck,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Ci => ci::run(),
        Command::Test(options) => test::run(&options),
        Command::Fmt { check } => fmt::run(check),
        Command::Lint => lint::run(),
        Command::Doc => doc::run(),
        Command::Generate { check } => generate::run(check),
        Command::Bench(options) => bench::run(&options),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Soak(options) => soak::run(&options),
        Command::DemoCheck => demo_check::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure:#}");
            ExitCode::FAILURE
        }
    }
}
