//! `habeas request confirm-copy`

use clap::Args;
use habeas_domain::Right;
use habeas_ledger::Scope;
use serde_json::json;

use crate::{
    context::Context,
    failure::{Exit, Failure},
    output::Report,
    staff::{Staff, TokenArg, find_job, find_request},
};

/// Options of `request confirm-copy`.
#[derive(Debug, Args)]
pub(crate) struct ConfirmCopyArgs {
    /// Its id, or its reference.
    request: String,
}

impl ConfirmCopyArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        let view = find_request(&staff.ledger, &self.request).await?;
        if !view.rights.contains(&Right::Deletion) {
            return Err(Failure::new(
                Exit::Findings,
                "no-deletion",
                "this request asks for no deletion that could wait for a copy",
            ));
        }
        let job = find_job(&view, Some(Right::Deletion))?;
        staff.ledger.confirm_copy(job.id, staff.actor).await?;
        let json = json!({ "request": view.id, "job": job.id });
        Ok(Report::new("the deletion waits for that copy no longer", &json))
    }
}
