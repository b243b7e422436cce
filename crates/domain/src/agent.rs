//! Those who ask on other people's behalf (mission N14): on which terms their requests are taken, and why staff bar one.

use std::{fmt, str::FromStr};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// On which terms the request of an agent is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgentTerms {
    /// For how long an agent who has shown that their address is theirs need not show it again. Default 30 days.
    pub proof_life: TimeDelta,
    /// The time between two people who are written to for one agent, so that one agent's thousand requests hold up
    /// nobody else's. Default 1 second.
    pub pace: TimeDelta,
    /// The most requests of one agent that may be open. Default 10,000.
    pub most_open: u64,
}

impl Default for AgentTerms {
    fn default() -> Self {
        Self { proof_life: TimeDelta::days(30), pace: TimeDelta::seconds(1), most_open: 10_000 }
    }
}

/// Why staff bar an agent, or take one again. A word of a fixed list: it stands in the audit trail, which holds nothing
/// about anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AgentReason {
    /// A mandate was forged or altered.
    ForgedMandate,
    /// A mandate was used for somebody whom it is not from.
    ReusedMandate,
    /// People say that they never asked them.
    Disowned,
    /// They send more than they can have been asked for.
    Flood,
    /// They may not act for others under the law.
    NotEntitled,
    /// It was looked into, and nothing is left of it.
    Cleared,
    /// It was done by mistake.
    Mistake,
    /// Something else, on record elsewhere.
    Other,
}

impl AgentReason {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::ForgedMandate,
        Self::ReusedMandate,
        Self::Disowned,
        Self::Flood,
        Self::NotEntitled,
        Self::Cleared,
        Self::Mistake,
        Self::Other,
    ];

    /// The name used in files and messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ForgedMandate => "forged-mandate",
            Self::ReusedMandate => "reused-mandate",
            Self::Disowned => "disowned",
            Self::Flood => "flood",
            Self::NotEntitled => "not-entitled",
            Self::Cleared => "cleared",
            Self::Mistake => "mistake",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for AgentReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown reason; use forged-mandate, reused-mandate, disowned, flood, not-entitled, cleared, mistake or other"
)]
pub struct UnknownAgentReason;

impl FromStr for AgentReason {
    type Err = UnknownAgentReason;
    fn from_str(text: &str) -> Result<Self, UnknownAgentReason> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text).ok_or(UnknownAgentReason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_parse_back_and_the_error_names_each() {
        for reason in AgentReason::ALL {
            assert_eq!(reason.to_string().parse(), Ok(reason));
            assert!(UnknownAgentReason.to_string().contains(reason.as_str()), "{reason}");
        }
        assert_eq!("because".parse::<AgentReason>(), Err(UnknownAgentReason));
    }
}
