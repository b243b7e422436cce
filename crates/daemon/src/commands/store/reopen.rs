//! `habeas store reopen`

use clap::Args;
use habeas_domain::StoreName;
use habeas_ledger::Scope;
use serde_json::json;

use super::close::reason;
use crate::{
    context::Context,
    failure::Failure,
    output::Report,
    staff::{Staff, TokenArg},
};

/// Options of `store reopen`.
#[derive(Debug, Args)]
pub(crate) struct ReopenArgs {
    /// The store.
    store: StoreName,
    /// Reopen it although not everybody who was erased is known to be erased again. Takes a token of an admin.
    #[arg(long, requires = "reason")]
    without_re_erasing: bool,
    /// Why that is right. Not about any person: it is kept as it is.
    #[arg(long, requires = "without_re_erasing")]
    reason: Option<String>,
    #[command(flatten)]
    token: TokenArg,
}

impl ReopenArgs {
    pub(super) async fn run(self, context: &Context) -> Result<Report, Failure> {
        let scope = if self.without_re_erasing { Scope::Admin } else { Scope::Operate };
        let staff = Staff::sign_in(context, &self.token, scope).await?;
        let why = self.reason.as_deref().map(|text| reason("--reason", text)).transpose()?;
        staff.ledger.reopen_store(&self.store, why.as_deref(), staff.actor).await?;
        let text = format!("store {} is open: what waited for it goes on", self.store);
        Ok(Report::new(text, &json!({ "store": self.store, "without_re_erasing": self.without_re_erasing })))
    }
}
