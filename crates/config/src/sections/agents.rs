//! `[agents]`

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::number;
use crate::finding::Findings;

/// Those who ask on other people's behalf.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Agents {
    /// For how many days an agent who has shown that their address is theirs need not show it again, where the regime's file does not say otherwise.
    #[schemars(range(max = 365))]
    pub proof_days: NonZeroU32,
    /// How many people are written to for one agent in a minute, so that one agent's many requests hold up nobody else's.
    #[schemars(range(max = 60_000))]
    pub people_a_minute: NonZeroU32,
    /// How many requests of one agent may be open.
    #[schemars(range(max = 10_000))]
    pub most_open: NonZeroU32,
}

impl Default for Agents {
    fn default() -> Self {
        Self { proof_days: number(30), people_a_minute: number(60), most_open: number(10_000) }
    }
}

impl Agents {
    pub(crate) fn check(&self, findings: &mut Findings) {
        let most = [
            (
                "agents.proof_days",
                self.proof_days.get(),
                365,
                "an address may be somebody else's after a year",
            ),
            ("agents.people_a_minute", self.people_a_minute.get(), 60_000, "faster than anything is sent"),
            ("agents.most_open", self.most_open.get(), 10_000, "more than are let go at once"),
        ];
        for (place, value, most, problem) in most {
            if value > most {
                findings.add(place, problem, format!("set it to at most {most}"));
            }
        }
    }
}
