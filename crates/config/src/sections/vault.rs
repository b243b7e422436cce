//! `[vault]`

use std::{num::NonZeroU32, path::PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::workers::number;

/// The key ring, and what is hashed with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Vault {
    /// The file of the key ring: the same for every process, readable by the owner alone, and in the backup. Without it, `keyring.json` in the data folder, made at the first start.
    #[schemars(with = "Option<String>", example = &"/etc/habeas/keyring.json")]
    pub keyring: Option<PathBuf>,
    /// How much memory one hash of a mailed code takes (Argon2id). The key ring's secret is what protects codes; this only makes a guess dearer for somebody who has the ring too.
    #[schemars(range(max = 4096))]
    pub code_memory_mib: NonZeroU32,
    /// How often a hash passes over that memory.
    #[schemars(range(max = 100))]
    pub code_passes: NonZeroU32,
}

impl Default for Vault {
    fn default() -> Self {
        Self { keyring: None, code_memory_mib: number(4), code_passes: number(1) }
    }
}
