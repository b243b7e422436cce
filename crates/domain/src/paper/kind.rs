use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What a paper is to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaperKind {
    /// Who the person is. Given by the person.
    IdentityDocument,
    /// That somebody may act for the person: a signed permission, a power of attorney. Given by the agent.
    Mandate,
    /// That somebody is the parent or the guardian of a child. Given by them.
    GuardianProof,
}

impl PaperKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::IdentityDocument, Self::Mandate, Self::GuardianProof];

    /// The name used in files, columns, addresses and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IdentityDocument => "identity-document",
            Self::Mandate => "mandate",
            Self::GuardianProof => "guardian-proof",
        }
    }
}

impl fmt::Display for PaperKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A text that names no kind of paper.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind of paper; use identity-document, mandate or guardian-proof")]
pub struct UnknownPaperKind;

impl FromStr for PaperKind {
    type Err = UnknownPaperKind;
    fn from_str(text: &str) -> Result<Self, UnknownPaperKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(UnknownPaperKind)
    }
}
