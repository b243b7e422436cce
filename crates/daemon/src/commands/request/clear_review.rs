//! `habeas request clear-review`

use clap::Args;
use habeas_ledger::Scope;
use serde_json::json;

use crate::{
    context::Context,
    failure::Failure,
    output::Report,
    staff::{Staff, TokenArg, find_request},
};

/// Options of `request clear-review`.
#[derive(Debug, Args)]
pub(crate) struct ClearReviewArgs {
    /// Its id, or its reference.
    request: String,
}

impl ClearReviewArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        let view = find_request(&staff.ledger, &self.request).await?;
        staff.ledger.clear_review(view.id, staff.actor).await?;
        Ok(Report::new("the keys are resolved again", &json!({ "request": view.id })))
    }
}
