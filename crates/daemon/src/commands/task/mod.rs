//! `habeas task`

mod list;
mod requeue;

use clap::{Args, Subcommand};

use crate::{context::Context, failure::Failure, output::Report, staff::TokenArg};

/// Look at work, and put parked work back.
#[derive(Debug, Args)]
pub(crate) struct TaskArgs {
    #[command(subcommand)]
    command: TaskCommand,
    #[command(flatten)]
    token: TokenArg,
}

#[derive(Debug, Subcommand)]
enum TaskCommand {
    /// List work, newest first: tasks, and also resolves, conclusions and mails.
    List(list::ListArgs),
    /// Put parked work back: one, many, or all with the same fault.
    Requeue(requeue::RequeueArgs),
}

impl TaskArgs {
    pub(crate) async fn run(self, context: &Context) -> Result<Report, Failure> {
        match self.command {
            TaskCommand::List(args) => args.run(context, &self.token).await,
            TaskCommand::Requeue(args) => args.run(context, &self.token).await,
        }
    }
}
