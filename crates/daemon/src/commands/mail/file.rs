//! `habeas mail file`

use clap::Args;
use habeas_domain::ReceivedMailId;
use habeas_ledger::Scope;
use serde_json::json;

use crate::{
    context::Context,
    failure::Failure,
    output::Report,
    staff::{Staff, TokenArg, find_request},
};

/// Options of `mail file`.
#[derive(Debug, Args)]
pub(crate) struct FileArgs {
    /// Its id.
    mail: ReceivedMailId,
    /// The request it belongs to: its id, or its reference.
    #[arg(long)]
    request: String,
}

impl FileArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        let view = find_request(&staff.ledger, &self.request).await?;
        staff.ledger.file_mail(self.mail, view.id, staff.actor).await?;
        let text = format!("filed with {}; nothing else changes by it", view.reference);
        Ok(Report::new(text, &json!({ "mail": self.mail, "request": view.id })))
    }
}
