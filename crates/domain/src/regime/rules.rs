//! What a regime says about single rights, refusals and complaints.

use serde::{Deserialize, Serialize};

use super::{Confidence, Sourced};
use crate::{Bilingual, RefusalNote, Right, approval::ApprovalPolicy, deadline::Period, letter::Refusal};

const fn yes() -> bool {
    true
}

/// One right under one law.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RightRule {
    /// The article that grants it.
    pub article: String,
    /// How sure we are.
    pub confidence: Confidence,
    /// Who must agree before its job runs.
    pub approval: ApprovalPolicy,
    /// Its own period, where it differs from the law's usual one.
    pub respond: Option<Sourced<Period>>,
    /// Whether the law's extension may be used for it.
    #[serde(default = "yes")]
    pub extendable: bool,
}

/// A reason for which a request may be refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusalReason {
    /// A short stable word, such as `legal-obligation`.
    pub code: String,
    /// The article that allows it.
    pub article: String,
    /// How sure we are.
    pub confidence: Confidence,
    /// The rights it can be given for; all of them if empty.
    #[serde(default)]
    pub rights: Vec<Right>,
    /// What the person is told.
    pub text: Bilingual,
}

impl RefusalReason {
    /// Whether it can be given for `right`.
    pub fn applies_to(&self, right: Right) -> bool {
        self.rights.is_empty() || self.rights.contains(&right)
    }

    /// The refusal that a letter carries, with what staff added.
    pub fn refusal(&self, note: Option<RefusalNote>) -> Refusal {
        Refusal { reason: self.text.clone(), article: self.article.clone(), note }
    }
}

/// Where a person can complain (mission N10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Complaint {
    /// The article.
    pub article: String,
    /// How sure we are.
    pub confidence: Confidence,
    /// The authority's name, as it stands in a sentence.
    pub authority: Bilingual,
    /// What the person is told.
    pub text: Bilingual,
    /// What the person is told about an independent dispute body, where there is one.
    pub dispute_body: Option<Bilingual>,
}
