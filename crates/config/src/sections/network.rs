//! `[network]`

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the daemon may connect to.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Network {
    /// Link-local addresses and metadata services of clouds are refused wherever a server is named, here and in manifests, unless their address stands in this list, such as that of a database on a direct cable.
    #[schemars(with = "Vec<String>")]
    pub allow_link_local: Vec<IpAddr>,
}
