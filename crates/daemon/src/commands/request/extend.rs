//! `habeas request extend`

use std::sync::Arc;

use clap::Args;
use habeas_api::ExtendRules;
use habeas_domain::ExtensionReason;
use habeas_ledger::Scope;
use serde_json::json;

use crate::{
    assembly::{calendars, regimes},
    context::Context,
    failure::{Exit, Failure},
    output::Report,
    staff::{Extensions, Staff, TokenArg, find_request},
};

/// Options of `request extend`.
#[derive(Debug, Args)]
pub(crate) struct ExtendArgs {
    /// Its id, or its reference.
    request: String,
    /// Why, as the person is told. One sentence, in their language, of at most 500 characters.
    #[arg(long)]
    reason: ExtensionReason,
}

impl ExtendArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        let view = find_request(&staff.ledger, &self.request).await?;
        let clock = Arc::clone(&context.clock);
        let rules = Extensions::new(Arc::new(regimes(&staff.config)?), calendars()?, clock);
        let deadline =
            rules.extension(&view).map_err(|error| Failure::of(Exit::Findings, "extension", &error))?;
        staff.ledger.extend(view.id, &deadline, &self.reason, staff.actor).await?;
        let text =
            format!("to be answered by {} instead of {}; the person is told", deadline.due_on, view.due_on);
        let json = json!({
            "request": view.id, "from": view.due_on, "due": deadline.due_on, "basis": deadline.basis,
        });
        Ok(Report::new(text, &json))
    }
}
