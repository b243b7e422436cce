//! `habeas request list`

use chrono::TimeDelta;
use clap::Args;
use habeas_domain::{AgentId, EmailAddress, RequestState, Right};
use habeas_ledger::{Cursor, RequestFilter, RequestView, Scope};
use serde_json::json;

use crate::{
    cli::values::words,
    context::Context,
    failure::Failure,
    output::{Report, table_page},
    staff::{Staff, TokenArg, shown},
};

/// Options of `request list`.
#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub(crate) struct ListArgs {
    /// Only requests in this state.
    #[arg(long, value_parser = words(&RequestState::ALL, RequestState::as_str))]
    state: Option<RequestState>,
    /// Only requests that are not closed.
    #[arg(long)]
    open: bool,
    /// Only requests whose dispute staff have yet to settle, closed ones too.
    #[arg(long)]
    disputed: bool,
    /// Only requests about children.
    #[arg(long)]
    child: bool,
    /// Only requests with a paper that waits for staff to judge it.
    #[arg(long)]
    paper_to_judge: bool,
    /// Only requests that an agent handed in for somebody.
    #[arg(long)]
    by_agent: bool,
    /// Only requests of this agent.
    #[arg(long)]
    agent: Option<AgentId>,
    /// Only open requests that were stopped because their agent was barred.
    #[arg(long)]
    agent_stopped: bool,
    /// Only requests that claim this right.
    #[arg(long, value_parser = words(&Right::ALL, Right::as_str))]
    right: Option<Right>,
    /// Only open requests that are due within so many days, as the law can be read at its strictest.
    #[arg(long, value_name = "DAYS")]
    due_within: Option<u16>,
    /// Only open requests of which the receipt is not confirmed yet, where the law sets a day for that.
    #[arg(long)]
    unacknowledged: bool,
    /// Only requests of the person with this mail address.
    #[arg(long)]
    email: Option<String>,
    /// How many, at most 500.
    #[arg(long, default_value_t = 50)]
    limit: u64,
    /// Where the list goes on: the `next` of the page before.
    #[arg(long)]
    cursor: Option<Cursor>,
}

impl std::fmt::Debug for ListArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ListArgs").field("state", &self.state).finish_non_exhaustive()
    }
}

impl ListArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let email = self.email.as_deref().map(EmailAddress::parse).transpose();
        let filter = RequestFilter {
            state: self.state,
            open: self.open,
            disputed: self.disputed,
            child: self.child,
            paper_to_judge: self.paper_to_judge,
            by_agent: self.by_agent,
            agent: self.agent,
            agent_stopped: self.agent_stopped,
            right: self.right,
            due_before: self.due_within.map(|days| context.clock.now() + TimeDelta::days(days.into())),
            unacknowledged: self.unacknowledged,
            reference: None,
            email: email.map_err(|problem| Failure::usage(format!("--email: {problem}")))?,
        };
        let staff = Staff::sign_in(context, token, Scope::Read).await?;
        let page = staff.ledger.list_requests(&filter, self.cursor, self.limit).await?;
        let header = ["REFERENCE", "ID", "STATE", "RIGHTS", "DUE", "WAITS FOR"];
        let (lines, unreadable) = shown::unreadable(&page.unreadable);
        let text = table_page(context, header, page.items.iter().map(row).collect(), page.next) + &lines;
        let requests: Vec<shown::Request> = page.items.iter().map(shown::Request::from).collect();
        let next = page.next.map(|next| next.to_string());
        Ok(Report::new(text, &json!({ "requests": requests, "next": next, "unreadable": unreadable })))
    }
}

fn row(view: &RequestView) -> [String; 6] {
    let rights: Vec<&str> = view.rights.iter().map(|right| right.as_str()).collect();
    let waits: Vec<&str> = view.waits_for.iter().map(|wait| wait.as_str()).collect();
    [
        view.reference.clone(),
        view.id.to_string(),
        view.state.as_str().to_owned(),
        rights.join(" "),
        view.due_on.to_string(),
        waits.join(", "),
    ]
}
