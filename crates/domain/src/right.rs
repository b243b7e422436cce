//! The rights a request can claim.

use serde::{Deserialize, Serialize};

use crate::words;

/// One of the privacy rights. Each claimed right becomes one job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Right {
    /// A copy of the person's data, readable and machine-readable (GDPR art. 15; APPI art. 33).
    Access,
    /// Rows deleted or fields masked, then re-read to prove it (GDPR art. 17; APPI art. 35).
    Deletion,
    /// Typed changes applied to every store that holds the field (GDPR art. 16; APPI art. 34).
    Correction,
    /// The data the person provided, in a structured, commonly used format (GDPR art. 20).
    Portability,
}

// In the order in which people read them.
words!(Right, or UnknownRight:
    Access = "access", Deletion = "deletion", Correction = "correction", Portability = "portability",
);

impl Right {
    /// Whether it can be asked again, as it is, for what is held under another address of the person. A correction cannot: its
    /// values are those of one account.
    pub const fn can_be_asked_anew(self) -> bool {
        !matches!(self, Self::Correction)
    }

    /// Whether fulfilling it hands the person a package.
    pub const fn gives_a_copy(self) -> bool {
        matches!(self, Self::Access | Self::Portability)
    }

    /// Whether fulfilling it changes what the stores hold.
    pub const fn changes_stores(self) -> bool {
        matches!(self, Self::Deletion | Self::Correction)
    }

    /// Whether fulfilling it takes data away, so that a legal hold stops it.
    pub const fn removes_data(self) -> bool {
        matches!(self, Self::Deletion)
    }
}

/// A text that names no right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown right; use one of: access, deletion, correction, portability")]
pub struct UnknownRight;
