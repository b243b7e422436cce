//! `habeas mail dismiss`

use clap::Args;
use habeas_domain::{ReceivedMailId, text::FreeText};
use habeas_ledger::{ManyMails, Scope};
use serde_json::json;

use super::{each::Each, which::WhichArgs};
use crate::{
    context::Context,
    failure::Failure,
    output::Report,
    staff::{Staff, TokenArg},
};

/// Options of `mail dismiss`.
#[derive(Args)]
pub(crate) struct DismissArgs {
    /// Their ids. Without any, all that wait for staff, belong to no request and have in common what is said: by --verdict or
    /// --reason-holds.
    #[arg(conflicts_with_all = ["state", "verdict", "mailbox", "before", "reason_holds", "dry_run"])]
    mails: Vec<ReceivedMailId>,
    #[command(flatten)]
    which: WhichArgs,
    /// Only count them.
    #[arg(long)]
    dry_run: bool,
    /// Why, for colleagues. Kept sealed, never sent.
    #[arg(long)]
    reason: String,
}

impl std::fmt::Debug for DismissArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DismissArgs").field("mails", &self.mails).finish_non_exhaustive()
    }
}

impl DismissArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let reason = FreeText::parse(&self.reason);
        let reason = reason.map_err(|problem| Failure::usage(format!("--reason: {problem}")))?;
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        if self.mails.is_empty() {
            let done = self.which.to_all(&staff, ManyMails::Dismiss(&reason), self.dry_run).await?;
            return Ok(Report::new(done.text("set aside"), &done.json()));
        }
        let dismiss = async |mail| staff.ledger.dismiss_mail(mail, &reason, staff.actor).await;
        let each = Each::of(&self.mails, dismiss).await;
        let text = "set aside; nobody is written to, and it can still be taken until its retention is over";
        each.report(text, ("state", json!("ignored")))
    }
}
