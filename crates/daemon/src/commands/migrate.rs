//! `habeas migrate`

use clap::Args;
use habeas_ledger::Ledger;
use serde_json::json;

use crate::{
    assembly::{first_token, ledger_options, make_key_ring, migrate, vault},
    context::Context,
    failure::Failure,
    output::Report,
};

/// Bring the state database's schema up to date.
#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    /// Also make a key ring, if there is none at `vault.keyring`; the embedded default always does. Every process needs
    /// this very file.
    #[arg(long)]
    new_keyring: bool,
}

impl MigrateArgs {
    pub(crate) async fn run(self, context: &Context) -> Result<Report, Failure> {
        let config = context.load()?.config;
        let mut text = String::new();
        let wanted = self.new_keyring || config.is_embedded();
        let is_new = wanted && make_key_ring(context, &config)?;
        if is_new {
            let keyring = config.keyring();
            text =
                format!("made a key ring at {}: back it up, nothing opens without it\n", keyring.display());
        }
        let db = ledger_options(&config).open().await?;
        let steps = migrate(&db).await?;
        if config.is_embedded() {
            first_token(&config, &Ledger::new(db, vault(context, &config)?, context.ids())).await?;
        }
        text.push_str("the state database is up to date; steps that were taken: ");
        text.push_str(&steps.to_string());
        Ok(Report::new(text, &json!({ "steps": steps, "new_keyring": is_new })))
    }
}
