//! `habeas request verify-by-call`

use clap::Args;
use habeas_domain::{
    text::FreeText,
    verification::{Evidence, EvidenceOutcome, Method},
};
use habeas_ledger::Scope;

use super::evidence::{as_json, text};
use crate::{
    context::Context,
    failure::Failure,
    output::Report,
    staff::{Staff, TokenArg, find_request},
};

/// Options of `request verify-by-call`.
#[derive(Args)]
pub(crate) struct VerifyByCallArgs {
    /// Its id, or its reference.
    request: String,
    /// What came of it: passed, failed, or denied if whoever was reached says that the request is not theirs.
    #[arg(long)]
    outcome: EvidenceOutcome,
    /// How it went. Kept sealed with the request.
    #[arg(long)]
    note: String,
}

impl std::fmt::Debug for VerifyByCallArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VerifyByCallArgs")
    }
}

impl VerifyByCallArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let note =
            FreeText::parse(&self.note).map_err(|problem| Failure::usage(format!("--note: {problem}")))?;
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        let view = find_request(&staff.ledger, &self.request).await?;
        let evidence = Evidence {
            method: Method::CallBack,
            outcome: self.outcome,
            at: staff.ledger.ids().now(),
            by: staff.actor,
            answers: 0,
            note: Some(note),
        };
        staff.ledger.record_evidence(view.id, evidence).await?;
        let identity = staff.ledger.identity(view.id).await?;
        Ok(Report::new(text(context, &identity), &as_json(&identity)))
    }
}
