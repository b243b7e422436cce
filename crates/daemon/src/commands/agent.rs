//! `habeas agent`

use std::fmt::Write as _;

use clap::{Args, Subcommand};
use habeas_domain::{AgentId, AgentReason};
use habeas_ledger::{AgentRecord, Ledger, Scope};
use serde_json::{Value, json};

use crate::{
    context::Context,
    failure::Failure,
    output::{Report, details, moment, table},
    staff::{Staff, TokenArg, shown::unreadable, trail_json, trail_text},
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
    /// Show one agent and what was done about them. Who they are is in their requests: habeas request show --personal.
    Show(OneArgs),
    /// Take nothing from an agent any more, and stop what is open for staff to look at.
    Bar(ReasonArgs),
    /// Take an agent's requests again, and show what was stopped with them.
    Unbar(UnbarArgs),
    /// Mail an agent a new link to show that the address they gave is theirs, if requests wait for it.
    Ask(OneArgs),
}

#[derive(Debug, Args)]
struct OneArgs {
    /// The agent's id.
    agent: AgentId,
}

#[derive(Debug, Args)]
struct ReasonArgs {
    /// The agent's id.
    agent: AgentId,
    /// Why. Kept in the audit trail.
    #[arg(long, value_parser = crate::cli::values::words(&AgentReason::ALL, AgentReason::as_str))]
    reason: AgentReason,
}

#[derive(Debug, Args)]
struct UnbarArgs {
    #[command(flatten)]
    why: ReasonArgs,
    /// Let the requests go on that were stopped when the agent was barred, with the agent as before. Without it they stay
    /// stopped until staff say how each goes on (habeas request drop-agent, refuse, withdraw), or this is called again.
    #[arg(long)]
    resume: bool,
}

impl AgentArgs {
    pub(crate) async fn run(self, context: &Context) -> Result<Report, Failure> {
        let scope = match self.command {
            AgentCommand::List | AgentCommand::Show(_) => Scope::Read,
            AgentCommand::Bar(_) | AgentCommand::Unbar(_) | AgentCommand::Ask(_) => Scope::Approve,
        };
        let Staff { ledger, actor, .. } = Staff::sign_in(context, &self.token, scope).await?;
        let agent = match self.command {
            AgentCommand::List => return list(context, &ledger).await,
            AgentCommand::Show(one) => one.agent,
            AgentCommand::Bar(one) => {
                ledger.bar_agent(one.agent, one.reason, actor).await?;
                one.agent
            }
            AgentCommand::Unbar(one) => {
                let why = one.why;
                ledger.unbar_agent(why.agent, why.reason, actor).await?;
                if one.resume {
                    ledger.resume_agent(why.agent, actor).await?;
                }
                why.agent
            }
            AgentCommand::Ask(one) => {
                ledger.ask_agent_again(one.agent, actor).await?;
                one.agent
            }
        };
        show(context, &ledger, agent).await
    }
}

async fn list(context: &Context, ledger: &Ledger) -> Result<Report, Failure> {
    let agents = ledger.list_agents().await?;
    let heads = ["AGENT", "SINCE", "SHOWN", "REQUESTS", "OPEN", "WAITING", "BARRED"];
    let (lines, unreadable) = unreadable(&agents.unreadable);
    let text = table(context, heads, agents.items.iter().map(row).collect()) + &lines;
    let shown: Vec<_> = agents.items.iter().map(shown).collect();
    Ok(Report::new(text, &json!({ "agents": shown, "unreadable": unreadable })))
}

async fn show(context: &Context, ledger: &Ledger, id: AgentId) -> Result<Report, Failure> {
    let agent = ledger.agent(id).await?;
    let trail = ledger.agent_trail(id).await?;
    let stopped = ledger.stopped_with_agent(id).await?;
    let reason = agent.reason.map(|reason| reason.to_string()).unwrap_or_default();
    let rows = [
        ("agent", agent.id.to_string()),
        ("since", moment(agent.first_seen_at)),
        ("address shown", agent.proven_at.map_or_else(|| "not yet".to_owned(), moment)),
        (
            "requests",
            format!(
                "{}, of which open {}, waiting for them {}, stopped with them {}",
                agent.requests, agent.open, agent.waiting, agent.stopped
            ),
        ),
        ("mandates", format!("{} reused, {} refused", agent.reused, agent.mandates_refused)),
        ("barred", agent.barred_at.map(|at| format!("{} ({reason})", moment(at))).unwrap_or_default()),
    ];
    let history = trail_text(context, &trail);
    let mut text = format!("{}\n\n{history}", details(context, &rows));
    if !stopped.is_empty() {
        let rows = stopped.iter().map(|request| [request.reference(), request.to_string()]).collect();
        let _ = write!(text, "\n\n{}", table(context, ["STOPPED", "ID"], rows));
    }
    Ok(Report::new(text, &json!({ "agent": shown(&agent), "stopped": stopped, "trail": trail_json(&trail) })))
}

fn row(agent: &AgentRecord) -> [String; 7] {
    [
        agent.id.to_string(),
        moment(agent.first_seen_at),
        agent.proven_at.map(moment).unwrap_or_default(),
        agent.requests.to_string(),
        agent.open.to_string(),
        agent.waiting.to_string(),
        agent.barred_at.map(moment).unwrap_or_default(),
    ]
}

fn shown(agent: &AgentRecord) -> Value {
    json!({
        "id": agent.id, "first_seen_at": agent.first_seen_at, "proven_at": agent.proven_at,
        "requests": agent.requests, "open": agent.open, "waiting": agent.waiting, "stopped": agent.stopped,
        "reused": agent.reused, "mandates_refused": agent.mandates_refused, "paced_until": agent.paced_until,
        "barred_at": agent.barred_at, "reason": agent.reason,
    })
}
