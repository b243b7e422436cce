//! `[packages]`

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The archives that people download.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Packages {
    /// How many days the link to a package holds.
    #[schemars(range(max = 365))]
    pub ttl_days: NonZeroU32,
    /// How often a package can be fetched.
    #[schemars(range(max = 1000))]
    pub downloads: NonZeroU32,
    /// For how many days after its link ended a package can be renewed; then it is destroyed.
    #[schemars(range(max = 3650))]
    pub renewable_days: NonZeroU32,
}

impl Default for Packages {
    fn default() -> Self {
        Self {
            ttl_days: super::workers::number(7),
            downloads: super::workers::number(5),
            renewable_days: super::workers::number(30),
        }
    }
}
