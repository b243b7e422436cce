//! `habeas request paper save`

use std::path::PathBuf;

use clap::Args;
use habeas_domain::PaperId;
use habeas_ledger::Scope;
use serde_json::json;

use crate::{
    context::Context,
    failure::Failure,
    output::{Report, write_new},
    staff::{Staff, TokenArg},
};

/// Options of `request paper save`.
#[derive(Debug, Args)]
pub(super) struct SaveArgs {
    /// The paper's id.
    paper: PaperId,
    /// The file to write, readable by you alone. Must not be there yet.
    #[arg(long, short, value_name = "FILE")]
    to: PathBuf,
}

impl SaveArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        let file = staff.ledger.paper_content(self.paper).await?;
        let request = staff.ledger.paper(self.paper).await?.request;
        staff.ledger.record_seen(request, staff.actor, "paper-content").await?;
        write_new(&self.to, file.expose())?;
        let bytes = file.expose().len();
        let text = format!(
            "{bytes} bytes written to {}; it may be harmful, and has to be deleted when you have judged it",
            self.to.display()
        );
        Ok(Report::new(text, &json!({ "paper": self.paper, "file": self.to, "bytes": bytes })))
    }
}
