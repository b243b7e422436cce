//! `habeas request paper ask`

use clap::Args;
use habeas_domain::{PaperKind, text::FreeText};
use habeas_ledger::Scope;

use super::{desk_of, report};
use crate::{
    context::Context,
    failure::Failure,
    output::Report,
    staff::{Staff, TokenArg, find_request},
};

/// Options of `request paper ask`.
#[derive(Args)]
pub(super) struct AskArgs {
    /// The request's id, or its reference.
    request: String,
    /// What it is to show.
    #[arg(long, value_parser = crate::cli::values::words(&PaperKind::ALL, PaperKind::as_str))]
    kind: PaperKind,
    /// Why it is needed in this case. Kept sealed with the request.
    #[arg(long)]
    reason: String,
}

impl std::fmt::Debug for AskArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AskArgs").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl AskArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let reason = FreeText::parse(&self.reason)
            .map_err(|problem| Failure::usage(format!("--reason: {problem}")))?;
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        let view = find_request(&staff.ledger, &self.request).await?;
        let paper = desk_of(context, &staff)?.ask(view.id, self.kind, reason, staff.actor).await?;
        Ok(report(context, &paper))
    }
}
