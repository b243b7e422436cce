//! `habeas request acknowledge`

use chrono::NaiveDate;
use clap::Args;
use habeas_domain::{ConfirmedBy, RequestState};
use habeas_ledger::Scope;
use serde_json::json;

use crate::{
    context::Context,
    failure::Failure,
    output::Report,
    staff::{Staff, TokenArg, closed, find_request},
};

/// Options of `request acknowledge`.
#[derive(Debug, Args)]
pub(crate) struct AcknowledgeArgs {
    /// Its id, or its reference.
    request: String,
    /// How the person was told that the request arrived.
    #[arg(long, value_parser = crate::cli::values::words(&ConfirmedBy::ALL, ConfirmedBy::as_str))]
    by: ConfirmedBy,
    /// On which day, such as 2026-11-24.
    #[arg(long, value_name = "DATE", value_parser = crate::cli::values::day)]
    on: NaiveDate,
}

impl AcknowledgeArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        let view = find_request(&staff.ledger, &self.request).await?;
        if view.state == RequestState::Closed {
            return Err(closed("there is nothing left to confirm"));
        }
        staff.ledger.acknowledge(view.id, (self.by, self.on), staff.actor).await?;
        let text = format!("marked: the receipt was confirmed by {} on {}", self.by, self.on);
        Ok(Report::new(text, &json!({ "request": view.id, "by": self.by, "on": self.on })))
    }
}
