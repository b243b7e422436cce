//! `habeas task list`

use clap::Args;
use habeas_domain::{StoreName, WorkKind, WorkState};
use habeas_ledger::{Cursor, Scope, WorkFilter, WorkView};
use serde_json::json;

use crate::{
    cli::values::words,
    context::Context,
    failure::Failure,
    output::{Report, moment, table_page},
    staff::{Staff, TokenArg, find_request, shown},
};

/// Options of `task list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only work in this state.
    #[arg(long, value_parser = words(&WorkState::ALL, WorkState::as_str))]
    state: Option<WorkState>,
    /// Only this kind.
    #[arg(long, value_parser = words(&WorkKind::ALL, WorkKind::as_str))]
    kind: Option<WorkKind>,
    /// Only in this store.
    #[arg(long)]
    store: Option<StoreName>,
    /// Only work that failed with this code.
    #[arg(long, value_name = "CODE")]
    fault: Option<String>,
    /// Only of this request, by its id or reference.
    #[arg(long)]
    request: Option<String>,
    /// How many, at most 500.
    #[arg(long, default_value_t = 50)]
    limit: u64,
    /// Where the list goes on: the `next` of the page before.
    #[arg(long)]
    cursor: Option<Cursor>,
}

impl ListArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, token, Scope::Operate).await?;
        let request = match &self.request {
            Some(text) => Some(find_request(&staff.ledger, text).await?.id),
            None => None,
        };
        let filter = WorkFilter {
            state: self.state,
            kind: self.kind,
            store: self.store,
            fault_code: self.fault,
            request,
        };
        let page = staff.ledger.work_list(&filter, self.cursor, self.limit).await?;
        let header = ["ID", "KIND", "STORE", "STATE", "TRIES", "DUE", "FAULT"];
        let (lines, unreadable) = shown::unreadable(&page.unreadable);
        let text = table_page(context, header, page.items.iter().map(row).collect(), page.next) + &lines;
        let work: Vec<shown::Work> = page.items.iter().map(shown::Work::from).collect();
        let next = page.next.map(|next| next.to_string());
        Ok(Report::new(text, &json!({ "work": work, "next": next, "unreadable": unreadable })))
    }
}

fn row(work: &WorkView) -> [String; 7] {
    let fault = work.fault.as_ref().map(|fault| format!("{}: {}", fault.code, fault.detail));
    [
        work.id.to_string(),
        work.kind.to_string(),
        work.store.as_ref().map(ToString::to_string).unwrap_or_default(),
        work.state.as_str().to_owned(),
        work.attempts.to_string(),
        work.due_at.map(moment).unwrap_or_default(),
        fault.unwrap_or_default(),
    ]
}
