//! `habeas agent`

use clap::{Args, Subcommand};
use habeas_domain::AgentId;
use habeas_ledger::{AgentRecord, Scope};
use serde_json::{Value, json};

use crate::{
    context::Context,
    failure::Failure,
    output::{Report, moment, table},
    staff::{Staff, TokenArg},
};

/// Look at those who ask on other people's behalf, and bar them.
#[derive(Debug, Args)]
pub(crate) struct AgentArgs {
    #[command(subcommand)]
    command: AgentCommand,
    #[command(flatten)]
    token: TokenArg,
}

#[derive(Debug, Subcommand)]
enum AgentCommand {
    /// List agents, latest first.
    List,
    /// Show one agent. Who they are is in their requests: habeas request show --personal.
    Show(OneArgs),
    /// Take nothing from an agent any more.
    Bar(OneArgs),
    /// Take an agent's requests again.
    Unbar(OneArgs),
}

#[derive(Debug, Args)]
struct OneArgs {
    /// The agent's id.
    agent: AgentId,
}

impl AgentArgs {
    pub(crate) async fn run(self, context: &Context) -> Result<Report, Failure> {
        let scope = match self.command {
            AgentCommand::List | AgentCommand::Show(_) => Scope::Read,
            AgentCommand::Bar(_) | AgentCommand::Unbar(_) => Scope::Approve,
        };
        let ledger = Staff::sign_in(context, &self.token, scope).await?.ledger;
        let agents = match self.command {
            AgentCommand::List => ledger.list_agents().await?,
            AgentCommand::Show(one) => vec![ledger.agent(one.agent).await?],
            AgentCommand::Bar(one) => {
                ledger.bar_agent(one.agent, true).await?;
                vec![ledger.agent(one.agent).await?]
            }
            AgentCommand::Unbar(one) => {
                ledger.bar_agent(one.agent, false).await?;
                vec![ledger.agent(one.agent).await?]
            }
        };
        let text = table(context, ["AGENT", "SINCE", "REQUESTS", "BARRED"], agents.iter().map(row).collect());
        Ok(Report::new(text, &json!({ "agents": agents.iter().map(shown).collect::<Vec<_>>() })))
    }
}

fn row(agent: &AgentRecord) -> [String; 4] {
    [
        agent.id.to_string(),
        moment(agent.first_seen_at),
        agent.requests.to_string(),
        agent.barred_at.map(moment).unwrap_or_default(),
    ]
}

fn shown(agent: &AgentRecord) -> Value {
    json!({
        "id": agent.id, "first_seen_at": agent.first_seen_at, "requests": agent.requests, "barred_at": agent.barred_at,
    })
}
