//! `habeas mail list`

use clap::Args;
use habeas_ledger::{Cursor, ReceivedMailFilter, ReceivedMailView, Scope};
use serde_json::{Value, json};

use super::{shown, which::WhichArgs};
use crate::{
    context::Context,
    failure::Failure,
    output::{Report, moment, table_page},
    staff::{Staff, TokenArg, find_request, shown::unreadable},
};

/// Options of `mail list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    which: WhichArgs,
    /// Only mails of this request, by its id or reference.
    #[arg(long)]
    request: Option<String>,
    /// Only replies that staff have yet to read.
    #[arg(long)]
    unread: bool,
    /// How many, at most 500.
    #[arg(long, default_value_t = 50)]
    limit: u64,
    /// Where the list goes on: the `next` of the page before.
    #[arg(long)]
    cursor: Option<Cursor>,
}

impl ListArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, token, Scope::Read).await?;
        let request = match &self.request {
            Some(text) => Some(find_request(&staff.ledger, text).await?.id),
            None => None,
        };
        let filter = ReceivedMailFilter { request, unread: self.unread, ..self.which.filter() };
        let page = staff.ledger.list_mails(&filter, self.cursor, self.limit).await?;
        let header = ["ID", "RECEIVED", "DUE", "MAILBOX", "STATE", "VERDICT", "SENDER", "REASON"];
        let (lines, unreadable) = unreadable(&page.unreadable);
        let text = table_page(context, header, page.items.iter().map(row).collect(), page.next) + &lines;
        let mails: Vec<Value> = page.items.iter().map(shown::view).collect();
        let next = page.next.map(|next| next.to_string());
        Ok(Report::new(text, &json!({ "mails": mails, "next": next, "unreadable": unreadable })))
    }
}

fn row(mail: &ReceivedMailView) -> [String; 8] {
    [
        mail.id.to_string(),
        moment(mail.received_at),
        mail.due_at.map_or_else(String::new, moment),
        mail.mailbox.clone(),
        shown::state(mail),
        mail.verdict.map_or_else(String::new, |verdict| verdict.to_string()),
        mail.authentication.map_or_else(String::new, |found| found.to_string()),
        mail.reason.clone().unwrap_or_default(),
    ]
}
