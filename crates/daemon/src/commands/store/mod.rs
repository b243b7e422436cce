//! `habeas store`

pub(crate) mod check;
mod close;
mod closed;
mod closings;
mod list;
mod preview;
mod re_erase;
mod reopen;

use clap::{Args, Subcommand};
use habeas_domain::StoreName;

use crate::{assembly::open_registry, context::Context, failure::Failure, output::Report, staff::Staff};

/// Look at the registered data stores; close one that is restored from a backup, and reopen it.
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
    /// Let no work begin in a store, before it is restored from a backup.
    Close(close::CloseArgs),
    /// List the stores that are closed, and the erased people who are back in them.
    Closed(closed::ClosedArgs),
    /// List every closing that there was, latest first: who closed which store, of when the backup was, how many were erased again, and who reopened it.
    Closings(closings::ClosingsArgs),
    /// Show a closing, and what was done about it.
    Closing(closings::ClosingArgs),
    /// Erase again, in a closed store that was restored from a backup, whoever was erased since the backup was made. May be
    /// cut off and begun again.
    ReErase(re_erase::ReEraseArgs),
    /// Reopen a store in which nobody is left who was erased.
    Reopen(reopen::ReopenArgs),
}

impl StoreArgs {
    pub(crate) async fn run(self, context: &Context) -> Result<Report, Failure> {
        match self.command {
            StoreCommand::List => list::run(context),
            StoreCommand::Check(args) => args.run(context).await,
            StoreCommand::Preview(args) => args.run(context).await,
            StoreCommand::Close(args) => args.run(context).await,
            StoreCommand::Closed(args) => args.run(context).await,
            StoreCommand::Closings(args) => args.run(context).await,
            StoreCommand::Closing(args) => args.run(context).await,
            StoreCommand::ReErase(args) => Box::pin(args.run(context)).await,
            StoreCommand::Reopen(args) => args.run(context).await,
        }
    }
}

/// A manifest declares the store.
fn known(staff: &Staff, store: &StoreName) -> Result<(), Failure> {
    match open_registry(&staff.config)?.manifest(store) {
        Some(_) => Ok(()),
        None => Err(Failure::usage(format!("no manifest declares the store {store}"))
            .fix("see the stores: `habeas store list`")),
    }
}
