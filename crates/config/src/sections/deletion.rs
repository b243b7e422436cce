//! `[deletion]`

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::Findings;

/// The longest grace: a law's month must have room for it.
const MOST_HOURS: u32 = 14 * 24;

/// What happens before an approved deletion begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Deletion {
    /// Whether every address on file is warned first, with a link by which the deletion can be stopped.
    pub notice: bool,
    /// For how many hours after the warnings it can still be stopped. Shortened so that a day is left before the due date, but not below 24; 0 waits for the warnings to be out and no longer.
    pub grace_hours: u32,
}

impl Default for Deletion {
    fn default() -> Self {
        Self { notice: true, grace_hours: 72 }
    }
}

impl Deletion {
    /// How long an approved deletion waits after its warnings; nothing if nobody is warned.
    pub fn grace(&self) -> Option<Duration> {
        self.notice.then(|| Duration::from_hours(self.grace_hours.into()))
    }

    pub(crate) fn check(&self, findings: &mut Findings) {
        if self.grace_hours > MOST_HOURS {
            findings.add(
                "deletion.grace_hours",
                "longer than two weeks, which leaves a law's month too little for the deletion",
                format!("set it to at most {MOST_HOURS}"),
            );
        }
    }
}
