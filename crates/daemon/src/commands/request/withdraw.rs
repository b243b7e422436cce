//! `habeas request withdraw`

use clap::Args;
use habeas_domain::RequestState;
use habeas_ledger::Scope;
use serde_json::json;

use crate::{
    context::Context,
    failure::{Exit, Failure},
    output::Report,
    staff::{Staff, TokenArg, closed, find_request},
};

/// Options of `request withdraw`.
#[derive(Debug, Args)]
pub(crate) struct WithdrawArgs {
    /// Its id, or its reference.
    request: String,
}

impl WithdrawArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        let view = find_request(&staff.ledger, &self.request).await?;
        if view.state == RequestState::Closed {
            return Err(closed("there is nothing left to take back"));
        }
        let withdrawn = staff.ledger.withdraw(view.id, staff.actor).await?;
        let json = json!({ "request": view.id, "ended": withdrawn.ended, "too_late": withdrawn.too_late });
        if withdrawn.too_late.is_empty() {
            return Ok(Report::new("withdrawn", &json));
        }
        let text = "withdrawn, except for what is changing a store at this moment: that goes on to its end";
        Ok(Report::new(text, &json).ending(Exit::Findings))
    }
}
