//! What can be typed.

mod global;
pub(crate) mod usage;
pub(crate) mod values;

use clap::{Parser, Subcommand};

pub(crate) use global::{ColorChoice, GlobalArgs, OutputFormat};

use crate::{
    commands::{
        agent::AgentArgs, audit::AuditArgs, config::ConfigArgs, dead_letter::DeadLetterArgs, demo::DemoArgs,
        doctor::DoctorArgs, generate::GenerateArgs, hold::HoldArgs, mail::MailArgs, migrate::MigrateArgs,
        regime::RegimeArgs, request::RequestArgs, serve::ServeArgs, store::StoreArgs, task::TaskArgs,
        token::TokenArgs, vault::VaultArgs,
    },
    context::Context,
    failure::Failure,
    output::Report,
};

/// Data-subject requests from arrival to answer: who asked, proven; what every store holds, copied, corrected or
/// deleted; the person told by mail.
#[derive(Debug, Parser)]
#[command(name = "habeas", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 ok, 1 findings, 2 usage, 65 a mail that is never taken, 69 something needed is unavailable, 75 try again later, 78 configuration.
Without a configuration file everything runs on the embedded default: try `habeas demo`.";

/// The commands, one file each.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the daemon.
    Serve(ServeArgs),
    /// Do the whole main job for a small fictional company, in this process, without any server.
    Demo(DemoArgs),
    /// Make, list and revoke API tokens.
    Token(TokenArgs),
    /// Hand in requests, look at them, decide them.
    Request(RequestArgs),
    /// Look at those who ask on other people's behalf, and bar them.
    Agent(AgentArgs),
    /// Place legal holds, look at them, lift them: nothing of a person on hold is deleted.
    Hold(HoldArgs),
    /// Look at mails that came in, decide them, hand some over.
    Mail(MailArgs),
    /// Look at the registered data stores; close and reopen one that is restored.
    Store(StoreArgs),
    /// Look at the laws as this deployment applies them: periods, proof, agents, children.
    Regime(RegimeArgs),
    /// Look at work, and put parked work back.
    Task(TaskArgs),
    /// Look at the configuration.
    Config(ConfigArgs),
    /// Check every part and say what is wrong and the fix.
    Doctor(DoctorArgs),
    /// Bring the state database's schema up to date.
    Migrate(MigrateArgs),
    /// Check the audit trail.
    Audit(AuditArgs),
    /// Change the keys that protect Habeas's own data.
    Vault(VaultArgs),
    /// Look at messages that could not be read.
    DeadLetter(DeadLetterArgs),
    /// Print files that are made from the code.
    #[command(hide = true)]
    Generate(GenerateArgs),
}

impl Command {
    /// Runs the command.
    pub(crate) async fn run(self, context: &Context) -> Result<Report, Failure> {
        match self {
            Self::Serve(args) => Box::pin(args.run(context)).await,
            Self::Demo(args) => Box::pin(args.run(context)).await,
            Self::Token(args) => Box::pin(args.run(context)).await,
            Self::Request(args) => Box::pin(args.run(context)).await,
            Self::Agent(args) => Box::pin(args.run(context)).await,
            Self::Hold(args) => Box::pin(args.run(context)).await,
            Self::Mail(args) => Box::pin(args.run(context)).await,
            Self::Store(args) => Box::pin(args.run(context)).await,
            Self::Regime(args) => args.run(context),
            Self::Task(args) => Box::pin(args.run(context)).await,
            Self::Config(args) => args.run(context),
            Self::Doctor(args) => Box::pin(args.run(context)).await,
            Self::Migrate(args) => Box::pin(args.run(context)).await,
            Self::Audit(args) => Box::pin(args.run(context)).await,
            Self::Vault(args) => Box::pin(args.run(context)).await,
            Self::DeadLetter(args) => Box::pin(args.run(context)).await,
            Self::Generate(args) => args.run(context),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
