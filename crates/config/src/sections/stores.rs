//! `[stores]`

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The registered data stores.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Stores {
    /// The folder of manifests, one TOML file for each store. Without it, `stores` in the data folder.
    #[schemars(with = "Option<String>", example = &"/etc/habeas/stores")]
    pub folder: Option<PathBuf>,
}
