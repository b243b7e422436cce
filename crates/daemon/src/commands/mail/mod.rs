//! `habeas mail`

mod explain;

use clap::{Args, Subcommand};

use crate::{context::Context, failure::Failure, output::Report};

/// Look at mails that come in.
#[derive(Debug, Args)]
pub(crate) struct MailArgs {
    #[command(subcommand)]
    command: MailCommand,
}

#[derive(Debug, Subcommand)]
enum MailCommand {
    /// Say what a mail is taken to be, and why. Stores nothing and needs no configuration.
    Explain(explain::ExplainArgs),
}

impl MailArgs {
    pub(crate) async fn run(self, context: &Context) -> Result<Report, Failure> {
        match self.command {
            MailCommand::Explain(args) => args.run(context).await,
        }
    }
}
