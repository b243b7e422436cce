//! How jobs and requests end.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// How a job, or a whole request, ended. Each is told to the person in a mail (mission N15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Everything that was asked was done, and proven where it can be.
    Done,
    /// Some was done; the letter says what was not, why, and until when.
    PartlyDone,
    /// Verified, searched, and no store holds anything about the person.
    NothingHeld,
    /// Refused by staff, with a reason that the regime allows.
    Refused,
    /// Taken back by the person or by staff on their word.
    Withdrawn,
    /// Nobody proved who they are in time; nothing was looked up.
    Unverified,
    /// Stopped: somebody at an address on file said that it was not them, and staff agreed.
    Disowned,
    /// All that could be concerned is held for another company: the person is referred there, and it is told.
    Referred,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 8] = [
        Self::Done,
        Self::PartlyDone,
        Self::NothingHeld,
        Self::Refused,
        Self::Withdrawn,
        Self::Unverified,
        Self::Disowned,
        Self::Referred,
    ];

    /// The name used in files, messages and columns.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::PartlyDone => "partly-done",
            Self::NothingHeld => "nothing-held",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Unverified => "unverified",
            Self::Disowned => "disowned",
            Self::Referred => "referred",
        }
    }

    /// The outcome of a request whose jobs ended like `jobs`: the same as theirs if they agree, otherwise partly done.
    pub fn of_request(jobs: &[Self]) -> Self {
        match jobs {
            [] => Self::NothingHeld,
            [first, rest @ ..] if rest.iter().all(|other| other == first) => *first,
            _ => Self::PartlyDone,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no outcome.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown outcome")]
pub struct UnknownOutcome;

impl FromStr for Outcome {
    type Err = UnknownOutcome;
    fn from_str(text: &str) -> Result<Self, UnknownOutcome> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text).ok_or(UnknownOutcome)
    }
}
