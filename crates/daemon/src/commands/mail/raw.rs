//! `habeas mail raw`

use std::path::PathBuf;

use clap::Args;
use habeas_domain::ReceivedMailId;
use habeas_ledger::Scope;
use serde_json::json;

use crate::{
    context::Context,
    failure::Failure,
    output::{Report, write_new},
    staff::{Staff, TokenArg},
};

/// Options of `mail raw`.
#[derive(Debug, Args)]
pub(crate) struct RawArgs {
    /// Its id.
    mail: ReceivedMailId,
    /// The file to write, readable by you alone. Must not be there yet.
    #[arg(long, short, value_name = "FILE")]
    to: PathBuf,
}

impl RawArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        let raw = staff.ledger.raw_mail(self.mail).await?;
        staff.ledger.mail_seen(self.mail, staff.actor, "raw").await?;
        write_new(&self.to, raw.expose())?;
        let bytes = raw.expose().len();
        let text = format!("{bytes} bytes written to {}; what is attached may be harmful", self.to.display());
        Ok(Report::new(text, &json!({ "mail": self.mail, "file": self.to, "bytes": bytes })))
    }
}
