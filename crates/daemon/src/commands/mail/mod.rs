//! `habeas mail`

mod accept;
mod delivery;
mod dismiss;
mod each;
mod explain;
mod file;
mod import;
mod list;
mod mark_read;
mod raw;
mod read_again;
mod show;
pub(in crate::commands) mod shown;
mod which;

use clap::{Args, Subcommand};

use crate::{context::Context, failure::Failure, output::Report, staff::TokenArg};

/// Look at mails that came in, decide them, hand some over.
#[derive(Debug, Args)]
pub(crate) struct MailArgs {
    #[command(subcommand)]
    command: MailCommand,
    #[command(flatten)]
    token: TokenArg,
}

#[derive(Debug, Subcommand)]
enum MailCommand {
    /// Say what a mail is taken to be, and why. Stores nothing and needs no configuration; of one that is there, the rule files
    /// count.
    Explain(explain::ExplainArgs),
    /// List mails, newest first.
    List(list::ListArgs),
    /// Show one mail and what was understood of it.
    Show(show::ShowArgs),
    /// Get a mail as it came.
    Raw(raw::RawArgs),
    /// Take a mail as a request.
    Accept(accept::AcceptArgs),
    /// Set mails aside.
    Dismiss(dismiss::DismissArgs),
    /// Put a mail with a request that is there already.
    File(file::FileArgs),
    /// Have mails read again, by the rules as they are now.
    ReadAgain(read_again::ReadAgainArgs),
    /// Mark replies as read: what only they held up goes on.
    MarkRead(mark_read::MarkReadArgs),
    /// Hand over mails: a file, a folder, an mbox, or standard input for a mail server's pipe.
    Import(import::ImportArgs),
}

impl MailArgs {
    pub(crate) async fn run(self, context: &Context) -> Result<Report, Failure> {
        let token = &self.token;
        match self.command {
            MailCommand::Explain(args) => args.run(context).await,
            MailCommand::List(args) => args.run(context, token).await,
            MailCommand::Show(args) => args.run(context, token).await,
            MailCommand::Raw(args) => args.run(context, token).await,
            MailCommand::Accept(args) => args.run(context, token).await,
            MailCommand::Dismiss(args) => args.run(context, token).await,
            MailCommand::File(args) => Box::pin(args.run(context, token)).await,
            MailCommand::ReadAgain(args) => args.run(context, token).await,
            MailCommand::MarkRead(args) => args.run(context, token).await,
            MailCommand::Import(args) => args.run(context, token).await,
        }
    }
}
