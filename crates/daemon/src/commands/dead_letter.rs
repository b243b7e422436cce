//! `habeas dead-letter`

use clap::{Args, Subcommand};
use habeas_config::QueueKind;
use habeas_ledger::Scope;
use habeas_queue::{DeadLetter, Queue, QueueName};
use serde_json::json;

use crate::{
    assembly::{open_queue, open_registry, queue_names},
    context::Context,
    failure::{Exit, Failure},
    output::{Report, table},
    staff::{Staff, TokenArg},
};

/// Look at messages that could not be read.
#[derive(Debug, Args)]
pub(crate) struct DeadLetterArgs {
    #[command(subcommand)]
    command: DeadLetterCommand,
    #[command(flatten)]
    token: TokenArg,
}

#[derive(Debug, Subcommand)]
enum DeadLetterCommand {
    /// List them with their reasons, leaving them where they are.
    List {
        /// Only of this queue, such as habeas.intake.
        #[arg(long)]
        queue: Option<String>,
        /// How many of each queue.
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Put those of one queue back, after their cause was mended.
    Revive {
        /// The queue.
        queue: String,
        /// How many.
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
}

impl DeadLetterArgs {
    pub(crate) async fn run(self, context: &Context) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, &self.token, Scope::Operate).await?;
        if staff.config.queue.kind == QueueKind::Embedded {
            let message =
                "the embedded queue lives in the serving process; its dead letters cannot be seen from here";
            return Err(
                Failure::new(Exit::Findings, "queue", message).fix("ask the API: GET /v1/dead-letters")
            );
        }
        let mut names = queue_names(open_registry(&staff.config)?.stores())?;
        let queue = open_queue(&staff.config)?;
        let done = match self.command {
            DeadLetterCommand::List { queue: only, limit } => {
                if let Some(only) = only {
                    names = vec![known(&names, &only)?];
                }
                list(context, queue.as_ref(), &names, limit).await
            }
            DeadLetterCommand::Revive { queue: name, limit } => {
                let back = queue.revive_dead_letters(&known(&names, &name)?, limit).await?;
                Ok(Report::new(format!("{back} put back"), &json!({ "revived": back })))
            }
        };
        queue.close().await;
        done
    }
}

/// A wrong name would look like a queue without dead letters.
fn known(names: &[QueueName], name: &str) -> Result<QueueName, Failure> {
    names.iter().find(|known| known.as_str() == name).cloned().ok_or_else(|| {
        let all: Vec<&str> = names.iter().map(QueueName::as_str).collect();
        Failure::usage("there is no such queue").fix(format!("name one of: {}", all.join(", ")))
    })
}

async fn list(
    context: &Context,
    queue: &dyn Queue,
    names: &[QueueName],
    limit: usize,
) -> Result<Report, Failure> {
    let mut found: Vec<(String, DeadLetter)> = Vec::new();
    for name in names {
        let letters = queue.dead_letters(name, limit).await?;
        found.extend(letters.into_iter().map(|letter| (name.to_string(), letter)));
    }
    let rows = found.iter().map(|(name, letter)| {
        [name.clone(), letter.id.clone(), letter.bytes.to_string(), letter.reason.clone()]
    });
    let text = table(context, ["QUEUE", "MESSAGE", "BYTES", "REASON"], rows.collect());
    let json: Vec<_> = found
        .iter()
        .map(|(name, letter)| {
            json!({ "queue": name, "id": letter.id, "bytes": letter.bytes, "reason": letter.reason })
        })
        .collect();
    let exit = if found.is_empty() { Exit::Ok } else { Exit::Findings };
    Ok(Report::new(text, &json!({ "dead_letters": json })).ending(exit))
}
