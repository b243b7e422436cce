//! `habeas mail read-again`

use clap::Args;
use habeas_domain::ReceivedMailId;
use habeas_ledger::{ManyMails, Scope};
use serde_json::json;

use super::{each::Each, which::WhichArgs};
use crate::{
    context::Context,
    failure::Failure,
    output::Report,
    staff::{Staff, TokenArg},
};

/// Options of `mail read-again`.
#[derive(Debug, Args)]
pub(crate) struct ReadAgainArgs {
    /// Their ids. Without any, all that are parked whole and have in common what is said: by --verdict or --reason-holds.
    #[arg(conflicts_with_all = ["state", "verdict", "mailbox", "before", "reason_holds", "dry_run"])]
    mails: Vec<ReceivedMailId>,
    #[command(flatten)]
    which: WhichArgs,
    /// Only count them.
    #[arg(long)]
    dry_run: bool,
}

impl ReadAgainArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        if self.mails.is_empty() {
            let done = self.which.to_all(&staff, ManyMails::ReadAgain, self.dry_run).await?;
            return Ok(Report::new(done.text("read again by the daemon"), &done.json()));
        }
        let again = async |mail| staff.ledger.read_mail_again(mail, staff.actor).await;
        let each = Each::of(&self.mails, again).await;
        let text = "the daemon reads them again as if they had just come";
        each.report(text, ("state", json!("stored")))
    }
}
