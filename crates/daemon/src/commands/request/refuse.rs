//! `habeas request refuse`

use clap::Args;
use habeas_domain::{RefusalNote, Regime, RegimeId, Right};
use habeas_ledger::{RequestView, Scope};
use serde_json::json;

use crate::{
    assembly::regimes,
    context::Context,
    failure::{Exit, Failure},
    output::Report,
    staff::{Staff, TokenArg, find_job, find_request},
};

/// Options of `request refuse`.
#[derive(Debug, Args)]
pub(crate) struct RefuseArgs {
    /// Its id, or its reference.
    request: String,
    /// Which job; needed when the request has several.
    #[arg(long, value_parser = crate::cli::values::words(&Right::ALL, Right::as_str))]
    right: Option<Right>,
    /// The code of the reason, such as identity-not-proven. A wrong one lists those that the law allows.
    #[arg(long, value_name = "CODE")]
    reason: String,
    /// What to add to the letter, in at most 1000 characters.
    #[arg(long)]
    note: Option<RefusalNote>,
}

impl RefuseArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        let view = find_request(&staff.ledger, &self.request).await?;
        let job = find_job(&view, self.right)?;
        let regimes = regimes(&staff.config)?;
        let id = RegimeId::new(view.regime.clone()).ok();
        let regime = id.and_then(|id| regimes.get(&id)).ok_or_else(|| no_law(&view))?;
        let reason = regime.refusal(&self.reason, job.right).ok_or_else(|| no_reason(regime, job.right))?;
        staff.ledger.refuse(job.id, reason.refusal(self.note.clone()), staff.actor).await?;
        let json =
            json!({ "request": view.id, "job": job.id, "reason": reason.code, "article": reason.article });
        Ok(Report::new(format!("refused under {}; the person is told", reason.article), &json))
    }
}

fn no_law(view: &RequestView) -> Failure {
    Failure::new(Exit::Config, "regimes", format!("the regime {} has no data file any more", view.regime))
        .fix("add it to requests.regimes_folder")
}

fn no_reason(regime: &Regime, right: Right) -> Failure {
    let known: Vec<String> =
        regime.refusals_for(right).map(|reason| format!("{} ({})", reason.code, reason.article)).collect();
    let message = format!("{} allows no refusal of {right} for this reason", regime.id);
    Failure::usage(message).fix(format!("use one of: {}", known.join(", ")))
}
