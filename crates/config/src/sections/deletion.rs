//! `[deletion]`

use std::{num::NonZeroU32, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::Findings;

/// The longest grace: a law's month must have room for it.
const MOST_HOURS: u32 = 14 * 24;

/// What happens before an approved deletion begins, and what is remembered of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Deletion {
    /// Whether every address on file is warned first, with a link by which the deletion can be stopped.
    pub notice: bool,
    /// For how many hours after the warnings it can still be stopped. Shortened so that a day is left before the due date, but not below 24; 0 waits for the warnings to be out and no longer.
    #[schemars(range(max = 336))]
    pub grace_hours: u32,
    /// For how many days keyed hashes of the keys of people who were erased are kept, so that a store restored from a backup is cleared of them again before it is reopened. At least as long as the oldest backup of any store lives; the default holds yearly backups and the month in which the next one is made.
    #[schemars(range(max = 36_500))]
    pub remembered_days: NonZeroU32,
}

impl Default for Deletion {
    fn default() -> Self {
        Self { notice: true, grace_hours: 72, remembered_days: super::workers::number(400) }
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
