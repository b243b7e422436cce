//! `habeas config`

use clap::{Args, Subcommand};
use serde_json::json;

use crate::{
    assembly::{Settled, settled, unprovable, without_stores},
    context::Context,
    failure::Failure,
    output::Report,
};

/// Look at the configuration.
#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Check the configuration, the store manifests and the laws as a start would, without asking any server.
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
    let config = &loaded.config;
    let from = loaded.file.as_ref().map_or_else(
        || "the defaults and the environment; there is no file".to_owned(),
        |file| file.display().to_string(),
    );
    let has_stores = config.stores.folder.is_some() || config.stores_folder().exists();
    let (stores, unprovable) = if has_stores {
        let Settled { registry, regimes } = settled(context, config)?;
        (registry.manifests().len(), unprovable(config, &regimes, &registry))
    } else {
        without_stores(context, config)?;
        (0, Vec::new())
    };
    let ok = format!("ok: {from}, {stores} store manifests");
    let warnings = unprovable.iter().map(|one| format!("warning: {}\n  fix: {}", one.message, one.fix));
    let text = std::iter::once(ok).chain(warnings).collect::<Vec<_>>().join("\n");
    let warnings: Vec<_> =
        unprovable.iter().map(|one| json!({ "message": one.message, "fix": one.fix })).collect();
    let json = json!({ "ok": true, "file": loaded.file, "stores": stores, "warnings": warnings });
    Ok(Report::new(text, &json))
}
