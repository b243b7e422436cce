//! `habeas request approve`

use clap::Args;
use habeas_domain::{Right, approval::PlanHash};
use habeas_ledger::{ApproveOutcome, JobView, Scope};
use serde_json::json;

use crate::{
    context::Context,
    failure::{Exit, Failure},
    output::Report,
    staff::{Staff, TokenArg, find_job, find_request},
};

/// Fewer digits of a plan's hash are too easily the same.
const FEWEST: usize = 8;

/// Options of `request approve`.
#[derive(Debug, Args)]
pub(crate) struct ApproveArgs {
    /// Its id, or its reference.
    request: String,
    /// Which job; needed when the request has several.
    #[arg(long, value_parser = crate::cli::values::words(&Right::ALL, Right::as_str))]
    right: Option<Right>,
    /// The plan that you looked at, as `request show` prints it; at least 8 digits of its hash.
    #[arg(long, value_name = "HASH")]
    plan: String,
}

impl ApproveArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        let view = find_request(&staff.ledger, &self.request).await?;
        let job = find_job(&view, self.right)?;
        let outcome = staff.ledger.approve(job.id, staff.actor, self.plan_of(job)?).await?;
        let (text, status, missing) = match outcome {
            ApproveOutcome::Approved => ("approved: the job goes on".to_owned(), "approved", 0),
            ApproveOutcome::Counted { missing } => {
                (format!("counted: {missing} more people have to agree"), "counted", missing)
            }
            ApproveOutcome::AwaitingConfirmation => (
                "approved: the job goes on once the person has confirmed the new address".to_owned(),
                "awaiting-confirmation",
                0,
            ),
        };
        let json = json!({ "request": view.id, "job": job.id, "status": status, "missing": missing });
        Ok(Report::new(text, &json))
    }

    /// The plan as it is now, if it is the one that was looked at.
    fn plan_of(&self, job: &JobView) -> Result<PlanHash, Failure> {
        if self.plan.len() < FEWEST {
            return Err(Failure::usage(format!("--plan: give at least {FEWEST} digits of the hash")));
        }
        let refused = |message: &str| Failure::new(Exit::Findings, "plan", message);
        let now = job.plan_hash.ok_or_else(|| refused("this job has no plan to approve yet"))?;
        if now.to_string().starts_with(&self.plan.to_ascii_lowercase()) {
            Ok(now)
        } else {
            Err(refused("the plan is another one than the one you looked at")
                .fix("look again: `habeas request show`"))
        }
    }
}
