//! `habeas request decide`

use clap::Args;
use habeas_domain::{
    review::{FindingHash, Opinion, ReviewDecision},
    text::FreeText,
};
use habeas_ledger::{FindingOutcome, Scope};
use serde_json::json;

use crate::{
    context::Context,
    failure::Failure,
    output::Report,
    staff::{Staff, TokenArg, find_request},
};

/// Options of `request decide`.
#[derive(Args)]
pub(crate) struct DecideArgs {
    /// Its id, or its reference.
    request: String,
    /// The finding that you looked at: the 64 digits that `request review` shows.
    #[arg(long)]
    finding: FindingHash,
    /// another-person: the value is somebody else's, and rows that carry it are left out, with what only they lead to.
    /// same-person: the value is the person's. allow: so many are the person's (with --up-to).
    #[arg(long, value_name = "another-person|same-person|allow")]
    decision: String,
    /// With allow: the most that is allowed, for this request alone.
    #[arg(long, value_name = "NUMBER")]
    up_to: Option<u32>,
    /// Why. Kept sealed with the request.
    #[arg(long)]
    reason: String,
}

impl std::fmt::Debug for DecideArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DecideArgs").field("request", &self.request).finish_non_exhaustive()
    }
}

impl DecideArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let reason = FreeText::parse(&self.reason)
            .map_err(|problem| Failure::usage(format!("--reason: {problem}")))?;
        let decision = ReviewDecision::read(&self.decision, self.up_to)
            .map_err(|problem| Failure::usage(format!("--decision, --up-to: {problem}")))?;
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        let view = find_request(&staff.ledger, &self.request).await?;
        let opinion = Opinion { by: staff.actor, decision };
        let (result, missing) =
            match staff.ledger.decide_finding(view.id, self.finding, opinion, reason).await? {
                FindingOutcome::Decided => ("decided", 0),
                FindingOutcome::Counted { missing } => ("counted", missing),
            };
        let text = match missing {
            0 => "the keys are resolved again, with this decision".to_owned(),
            more => format!("counted; so many more have to decide alike: {more}"),
        };
        Ok(Report::new(text, &json!({ "request": view.id, "result": result, "missing": missing })))
    }
}
