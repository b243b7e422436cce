//! Those who ask on other people's behalf (mission N14): on which terms their requests are taken, and why staff bar one.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::words;

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

words!(AgentReason, or UnknownAgentReason:
    ForgedMandate = "forged-mandate", ReusedMandate = "reused-mandate", Disowned = "disowned",
    Flood = "flood", NotEntitled = "not-entitled", Cleared = "cleared", Mistake = "mistake", Other = "other",
);

/// A text that names no reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown reason; use forged-mandate, reused-mandate, disowned, flood, not-entitled, cleared, mistake or other"
)]
pub struct UnknownAgentReason;

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
