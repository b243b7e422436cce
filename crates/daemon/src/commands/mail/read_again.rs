//! `habeas mail read-again`

use clap::Args;
use habeas_domain::ReceivedMailId;
use habeas_ledger::Scope;
use serde_json::json;

use crate::{
    context::Context,
    failure::Failure,
    output::Report,
    staff::{Staff, TokenArg},
};

/// Options of `mail read-again`.
#[derive(Debug, Args)]
pub(crate) struct ReadAgainArgs {
    /// Their ids.
    #[arg(required = true)]
    mails: Vec<ReceivedMailId>,
}

impl ReadAgainArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        for mail in &self.mails {
            staff.ledger.read_mail_again(*mail, staff.actor).await?;
        }
        let text = "the daemon reads them again as if they had just come";
        Ok(Report::new(text, &json!({ "mails": self.mails, "state": "stored" })))
    }
}
