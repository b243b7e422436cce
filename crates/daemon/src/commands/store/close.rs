//! `habeas store close`

use clap::Args;
use habeas_domain::{StoreName, clean_text, text::TextRule};
use habeas_ledger::Scope;
use serde_json::json;

use super::known;
use crate::{
    context::Context,
    failure::Failure,
    output::Report,
    staff::{Staff, TokenArg},
};

/// The longest reason, in characters.
const REASON: TextRule = TextRule::lines(1_000);

/// Options of `store close`.
#[derive(Debug, Args)]
pub(crate) struct CloseArgs {
    /// The store.
    store: StoreName,
    /// Why, for those who look later. Not about any person: it is kept as it is.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    token: TokenArg,
}

impl CloseArgs {
    pub(super) async fn run(self, context: &Context) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, &self.token, Scope::Operate).await?;
        known(&staff, &self.store)?;
        let reason = reason("--reason", &self.reason)?;
        let closed = staff.ledger.close_store(&self.store, &reason, staff.actor).await?;
        let mut text = format!(
            "store {} is closed: its tasks wait, and nobody is resolved until it is reopened",
            self.store
        );
        if closed.working > 0 {
            text = format!(
                "{text}\n{} pieces of work that had begun are still in it; restore it once `habeas store closed` shows none",
                closed.working
            );
        }
        Ok(Report::new(text, &json!({ "id": closed.id, "store": self.store, "working": closed.working })))
    }
}

/// Reads why somebody does something to a store.
pub(super) fn reason(option: &str, text: &str) -> Result<String, Failure> {
    clean_text(text, REASON).map_err(|problem| Failure::usage(format!("{option}: {problem}")))
}
