//! What a regime says about those who act for others.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{Confidence, Sourced};
use crate::{AgentTerms, DataFileError, submission::MandateKind};

/// The rules of one law for agents (mission N14). Where a file says nothing: the person confirms every request
/// directly.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AgentRules {
    /// For how many days an agent who has shown that their address is theirs need not show it again, if it is not 30.
    pub proof_days: Option<Sourced<u32>>,
    /// The mandates with which an agent may act without the person confirming it directly: a document that different
    /// members of staff accept stands in for it.
    pub without_confirmation: BTreeMap<MandateKind, Exception>,
}

/// Why the person need not confirm directly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// The article.
    pub article: String,
    /// How sure we are of it.
    pub confidence: Confidence,
}

impl AgentRules {
    /// The most days for which a proof may hold: longer, and the address may be somebody else's by then.
    const MOST_DAYS: u32 = 365;

    /// The terms of a deployment, as far as this law does not say otherwise.
    pub fn terms(&self, usual: AgentTerms) -> AgentTerms {
        let own = self.proof_days.as_ref().map(|days| TimeDelta::days(days.value.into()));
        AgentTerms { proof_life: own.unwrap_or(usual.proof_life), ..usual }
    }

    /// Whether an agent with this kind of mandate may act without the person confirming it.
    pub fn needs_no_confirmation(&self, mandate: MandateKind) -> bool {
        self.without_confirmation.contains_key(&mandate)
    }

    pub(super) fn check(&self, file: &str) -> Result<(), DataFileError> {
        let fit = |days: &Sourced<u32>| (1..=Self::MOST_DAYS).contains(&days.value);
        if self.proof_days.as_ref().is_some_and(|days| !fit(days)) {
            let problem = format!("write a number of days from 1 to {}", Self::MOST_DAYS);
            return Err(DataFileError::rule(file, "agents.proof_days", problem));
        }
        Ok(())
    }
}
