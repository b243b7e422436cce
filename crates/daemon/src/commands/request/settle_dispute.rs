//! `habeas request settle-dispute`

use clap::Args;
use habeas_ledger::{DisputeDecision, Scope};
use serde_json::json;

use crate::{
    context::Context,
    failure::Failure,
    output::Report,
    staff::{Staff, TokenArg, find_request},
};

/// Options of `request settle-dispute`.
#[derive(Debug, Args)]
pub(crate) struct SettleDisputeArgs {
    /// Its id, or its reference.
    request: String,
    /// upheld: the person did not ask, and what was stopped ends. dismissed: they did, and it is planned and approved
    /// anew.
    #[arg(long, value_parser = crate::cli::values::words(&DisputeDecision::ALL, DisputeDecision::as_str))]
    decision: DisputeDecision,
}

impl SettleDisputeArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        let view = find_request(&staff.ledger, &self.request).await?;
        staff.ledger.settle_dispute(view.id, self.decision, staff.actor).await?;
        let text = match self.decision {
            DisputeDecision::Upheld => "what was stopped has ended; the person is told",
            DisputeDecision::Dismissed => "it is planned anew, and needs approval again",
        };
        Ok(Report::new(text, &json!({ "request": view.id, "decision": self.decision })))
    }
}
