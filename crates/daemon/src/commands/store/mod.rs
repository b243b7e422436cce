//! `habeas store`

pub(crate) mod check;
mod list;
mod preview;

use clap::{Args, Subcommand};

use crate::{context::Context, failure::Failure, output::Report};

/// Look at the registered data stores.
#[derive(Debug, Args)]
pub(crate) struct StoreArgs {
    #[command(subcommand)]
    command: StoreCommand,
}

#[derive(Debug, Subcommand)]
enum StoreCommand {
    /// List the stores and their collections.
    List,
    /// Check the manifests in themselves and against each store's live schema. Changes nothing.
    Check(check::CheckArgs),
    /// Show what each right would touch for one person. Changes nothing, shows no values.
    Preview(preview::PreviewArgs),
}

impl StoreArgs {
    pub(crate) async fn run(self, context: &Context) -> Result<Report, Failure> {
        match self.command {
            StoreCommand::List => list::run(context),
            StoreCommand::Check(args) => args.run(context).await,
            StoreCommand::Preview(args) => args.run(context).await,
        }
    }
}
