//! How jobs and requests end.

use serde::{Deserialize, Serialize};

use crate::words;

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

words!(Outcome, or UnknownOutcome:
    Done = "done", PartlyDone = "partly-done", NothingHeld = "nothing-held", Refused = "refused",
    Withdrawn = "withdrawn", Unverified = "unverified", Disowned = "disowned", Referred = "referred",
);

impl Outcome {
    /// The outcome of a request whose jobs ended like `jobs`: the same as theirs if they agree, otherwise partly done.
    pub fn of_request(jobs: &[Self]) -> Self {
        match jobs {
            [] => Self::NothingHeld,
            [first, rest @ ..] if rest.iter().all(|other| other == first) => *first,
            _ => Self::PartlyDone,
        }
    }
}

/// A text that names no outcome.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown outcome")]
pub struct UnknownOutcome;
