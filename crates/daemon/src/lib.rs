//! The one binary: serve, demo, store, request, task, audit, doctor.
//!
//! [`main`] reads the command line, runs one command of `commands`, and prints what it reports: tables for people or
//! JSON for programs. `assembly` builds the parts of a daemon from a configuration; `serve` runs them; `pages`
//! and `staff` answer the narrow traits that the console and the API ask for.

mod assembly;
mod cli;
mod commands;
mod context;
mod demo;
mod doctor;
#[cfg(feature = "failpoints")]
mod failpoints;
mod failure;
mod output;
mod pages;
mod serve;
mod staff;

use std::process::ExitCode;

use clap::Parser;

use cli::Cli;
use context::Context;
use failure::Exit;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    #[cfg(feature = "failpoints")]
    let _failpoints = fail::FailScenario::setup();
    #[cfg(feature = "failpoints")]
    failpoints::arm();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => match cli::usage::failure(&error, std::env::args_os()) {
            Some(failure) => return output::complain(&failure, true).into(),
            None => error.exit(),
        },
    };
    let context = Context::new(&cli.global);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: cannot start threads: {error}");
            return Exit::Unavailable.into();
        }
    };
    // A provider that was installed before is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let ended = runtime.block_on(cli.command.run(&context));
    let exit = output::print(&context, ended);
    // What still runs, such as a probe of a server that hangs, has nothing to say any more.
    runtime.shutdown_background();
    exit.into()
}
