//! `habeas config`

use clap::{Args, Subcommand};
use serde_json::json;

use crate::{assembly::open_registry, context::Context, failure::Failure, output::Report};

/// Look at the configuration.
#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Check the configuration and the store manifests, and say every problem at once.
    Check,
    /// Print what is in force, defaults included and secrets masked.
    Show,
    /// Print the JSON Schema of the configuration file.
    Schema,
}

impl ConfigArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Report, Failure> {
        match self.command {
            ConfigCommand::Check => check(context),
            ConfigCommand::Show => {
                let loaded = context.load()?;
                Ok(Report::new(loaded.config.shown(), &loaded.config))
            }
            ConfigCommand::Schema => {
                let schema = habeas_config::schema();
                Ok(Report::new(serde_json::to_string_pretty(&schema).unwrap_or_default(), &schema))
            }
        }
    }
}

fn check(context: &Context) -> Result<Report, Failure> {
    let loaded = context.load()?;
    let from = loaded.file.as_ref().map_or_else(
        || "the defaults and the environment; there is no file".to_owned(),
        |file| file.display().to_string(),
    );
    let has_stores = loaded.config.stores.folder.is_some() || loaded.config.stores_folder().exists();
    let stores = if has_stores { open_registry(&loaded.config)?.manifests().len() } else { 0 };
    let text = format!("ok: {from}, {stores} store manifests");
    Ok(Report::new(text, &json!({ "ok": true, "file": loaded.file, "stores": stores })))
}
