//! What a deletion does to a field or a row.

use serde::{Deserialize, Serialize};

/// What a manifest declares a deletion to do to one field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Set to nothing.
    Null,
    /// Replace by an address that cannot receive mail (RFC 2606) and is unique per row.
    MaskEmail,
    /// Replace every digit by 0.
    MaskPhone,
    /// Replace by asterisks.
    MaskText,
    /// Replace by a keyed hash, so that equal values stay equal and nobody can be found by them.
    Hash,
    /// Make it coarse: dates to the first of January, numbers to 0, text to a fixed word.
    Anonymise,
    /// Replace by a fixed value.
    Rewrite(String),
}
