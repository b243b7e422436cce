//! `[vault]`

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The key ring.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Vault {
    /// The file of the key ring: the same for every process, readable by the owner alone, and in the backup. Without it, `keyring.json` in the data folder, made at the first start.
    #[schemars(with = "Option<String>", example = &"/etc/habeas/keyring.json")]
    pub keyring: Option<PathBuf>,
}
