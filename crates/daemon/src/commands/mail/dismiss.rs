//! `habeas mail dismiss`

use clap::Args;
use habeas_domain::{ReceivedMailId, text::FreeText};
use habeas_ledger::Scope;
use serde_json::json;

use crate::{
    context::Context,
    failure::Failure,
    output::Report,
    staff::{Staff, TokenArg},
};

/// Options of `mail dismiss`.
#[derive(Args)]
pub(crate) struct DismissArgs {
    /// Their ids.
    #[arg(required = true)]
    mails: Vec<ReceivedMailId>,
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
        for mail in &self.mails {
            staff.ledger.dismiss_mail(*mail, &reason, staff.actor).await?;
        }
        let text = "set aside; nobody is written to, and it can still be taken until its retention is over";
        Ok(Report::new(text, &json!({ "mails": self.mails, "state": "ignored" })))
    }
}
