//! `habeas audit`

mod checkpoint;
mod verify;

use clap::{Args, Subcommand};

use crate::{context::Context, failure::Failure, output::Report, staff::TokenArg};

/// Check the audit trail.
#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    #[command(subcommand)]
    command: AuditCommand,
    #[command(flatten)]
    token: TokenArg,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Check every chain from its first entry to its last, and against a checkpoint if one is given.
    Verify(verify::VerifyArgs),
    /// Write a signed checkpoint over all chains to a file, to be kept out of the database's reach.
    Checkpoint(checkpoint::CheckpointArgs),
}

impl AuditArgs {
    pub(crate) async fn run(self, context: &Context) -> Result<Report, Failure> {
        match self.command {
            AuditCommand::Verify(args) => args.run(context, &self.token).await,
            AuditCommand::Checkpoint(args) => args.run(context, &self.token).await,
        }
    }
}
