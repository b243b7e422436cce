//! `habeas request drop-agent`

use clap::Args;
use habeas_ledger::Scope;
use serde_json::json;

use crate::{
    context::Context,
    failure::Failure,
    output::Report,
    staff::{Staff, TokenArg, find_request},
};

/// Options of `request drop-agent`.
#[derive(Debug, Args)]
pub(crate) struct DropAgentArgs {
    /// Its id, or its reference.
    request: String,
}

impl DropAgentArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        let view = find_request(&staff.ledger, &self.request).await?;
        staff.ledger.drop_agent(view.id, staff.actor).await?;
        Ok(Report::new("it goes on for the person alone", &json!({ "request": view.id })))
    }
}
