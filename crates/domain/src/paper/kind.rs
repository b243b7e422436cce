use serde::{Deserialize, Serialize};

use crate::words;

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

words!(PaperKind, or UnknownPaperKind:
    IdentityDocument = "identity-document", Mandate = "mandate", GuardianProof = "guardian-proof",
);

/// A text that names no kind of paper.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind of paper; use identity-document, mandate or guardian-proof")]
pub struct UnknownPaperKind;
