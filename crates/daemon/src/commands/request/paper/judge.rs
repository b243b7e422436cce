//! `habeas request paper judge`

use clap::Args;
use habeas_domain::{PaperId, paper::PaperDecision, text::FreeText};
use habeas_ledger::Scope;

use super::report;
use crate::{
    context::Context,
    failure::Failure,
    output::Report,
    staff::{Staff, TokenArg},
};

/// Options of `request paper judge`.
#[derive(Args)]
pub(super) struct JudgeArgs {
    /// The paper's id.
    paper: PaperId,
    /// Whether it shows what it is to show.
    #[arg(long, value_parser = crate::cli::values::words(&PaperDecision::ALL, PaperDecision::as_str))]
    decision: PaperDecision,
    /// Why. Do not write down what stands on it. Kept sealed with the request.
    #[arg(long)]
    note: String,
    /// For a mandate: it says that the results go to the agent. They do if everybody who accepts it says so.
    #[arg(long)]
    agent_receives: bool,
}

impl std::fmt::Debug for JudgeArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JudgeArgs").field("paper", &self.paper).finish_non_exhaustive()
    }
}

impl JudgeArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let note =
            FreeText::parse(&self.note).map_err(|problem| Failure::usage(format!("--note: {problem}")))?;
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        let Staff { ledger, actor, .. } = staff;
        let paper = if self.agent_receives {
            ledger.judge_mandate_that_lets_receive(self.paper, self.decision, note, actor).await?
        } else {
            ledger.judge_paper(self.paper, self.decision, note, actor).await?
        };
        Ok(report(context, &paper))
    }
}
