//! `habeas mail mark-read`

use clap::Args;
use habeas_domain::ReceivedMailId;
use habeas_ledger::Scope;
use serde_json::json;

use super::each::Each;
use crate::{
    context::Context,
    failure::Failure,
    output::Report,
    staff::{Staff, TokenArg},
};

/// Options of `mail mark-read`.
#[derive(Debug, Args)]
pub(crate) struct MarkReadArgs {
    /// Their ids. See what one says with `mail show --reveal` first.
    #[arg(required = true)]
    mails: Vec<ReceivedMailId>,
}

impl MarkReadArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        let read = async |mail| staff.ledger.mail_read(mail, staff.actor).await;
        let each = Each::of(&self.mails, read).await;
        let text = "read; what only these replies held up goes on, and nothing else changes";
        each.report(text, ("unread", json!(false)))
    }
}
