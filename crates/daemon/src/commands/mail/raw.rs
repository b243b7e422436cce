//! `habeas mail raw`

use std::{io::Write as _, os::unix::fs::OpenOptionsExt, path::PathBuf};

use clap::Args;
use habeas_domain::ReceivedMailId;
use habeas_ledger::Scope;
use serde_json::json;

use crate::{
    context::Context,
    failure::{Exit, Failure},
    output::Report,
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
        let written = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&self.to)
            .and_then(|mut file| file.write_all(raw.expose()));
        written.map_err(|error| {
            let message = format!("cannot write {}: {error}", self.to.display());
            Failure::new(Exit::Usage, "file", message).fix("name a file that is not there yet")
        })?;
        let bytes = raw.expose().len();
        let text = format!("{bytes} bytes written to {}; what is attached may be harmful", self.to.display());
        Ok(Report::new(text, &json!({ "mail": self.mail, "file": self.to, "bytes": bytes })))
    }
}
