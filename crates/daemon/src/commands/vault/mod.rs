//! `habeas vault`

mod rewrap;
mod rotate;

use clap::{Args, Subcommand};

use crate::{context::Context, failure::Failure, output::Report, staff::TokenArg};

/// Change the keys that protect Habeas's own data.
#[derive(Debug, Args)]
pub(crate) struct VaultArgs {
    #[command(subcommand)]
    command: VaultCommand,
    #[command(flatten)]
    token: TokenArg,
}

#[derive(Debug, Subcommand)]
enum VaultCommand {
    /// Add a new wrapping key to the key ring; the old ones still unwrap. Back the ring up, restart every process,
    /// then rewrap. The other keys of the ring stay: the one that signs, and the one that addresses are looked up by.
    Rotate,
    /// Put every request's key under the newest wrapping key. Can be stopped at any moment and run again.
    Rewrap(rewrap::RewrapArgs),
}

impl VaultArgs {
    pub(crate) async fn run(self, context: &Context) -> Result<Report, Failure> {
        match self.command {
            VaultCommand::Rotate => rotate::run(context, &self.token).await,
            VaultCommand::Rewrap(args) => args.run(context, &self.token).await,
        }
    }
}
