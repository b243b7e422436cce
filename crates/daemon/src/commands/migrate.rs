//! `habeas migrate`

use clap::Args;
use habeas_vault::KeyRing;
use serde_json::json;

use crate::{
    assembly::{ledger_options, migrate, prepare_data_folder},
    context::Context,
    failure::Failure,
    output::Report,
};

/// Bring the state database's schema up to date.
#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    /// Also make a key ring, if there is none at `vault.keyring`. Every process needs this very file.
    #[arg(long)]
    new_keyring: bool,
}

impl MigrateArgs {
    pub(crate) async fn run(self, context: &Context) -> Result<Report, Failure> {
        let config = context.load()?.config;
        let mut text = String::new();
        let keyring = config.keyring();
        let is_new = self.new_keyring && !keyring.exists();
        if config.is_embedded() || (is_new && keyring.starts_with(&config.data_dir)) {
            prepare_data_folder(&config)?;
        }
        if is_new {
            KeyRing::load_or_create(&keyring, context.entropy.as_ref(), context.clock.as_ref())?;
            text =
                format!("made a key ring at {}: back it up, nothing opens without it\n", keyring.display());
        }
        let db = ledger_options(&config).open().await?;
        let steps = migrate(&db).await?;
        text.push_str("the state database is up to date; steps that were taken: ");
        text.push_str(&steps.to_string());
        Ok(Report::new(text, &json!({ "steps": steps, "new_keyring": is_new })))
    }
}
