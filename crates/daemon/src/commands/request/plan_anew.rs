//! `habeas request plan-anew`

use clap::Args;
use habeas_domain::Right;
use habeas_ledger::Scope;
use serde_json::json;

use crate::{
    context::Context,
    failure::Failure,
    output::Report,
    staff::{Staff, TokenArg, find_job, find_request},
};

/// Options of `request plan-anew`.
#[derive(Debug, Args)]
pub(crate) struct PlanAnewArgs {
    /// Its id, or its reference.
    request: String,
    /// Which job; needed when the request has several.
    #[arg(long, value_parser = crate::cli::values::words(&Right::ALL, Right::as_str))]
    right: Option<Right>,
}

impl PlanAnewArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        let view = find_request(&staff.ledger, &self.request).await?;
        let job = find_job(&view, self.right)?;
        staff.ledger.replan(job.id, staff.actor).await?;
        let json = json!({ "request": view.id, "job": job.id });
        Ok(Report::new("the job is planned anew; approve it when its new plan is there", &json))
    }
}
