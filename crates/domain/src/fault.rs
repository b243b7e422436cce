//! What went wrong with a piece of work, and whether trying again helps.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Whether a retry helps. One place reads it: the retry decision in `habeas-runtime`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Retry {
    /// It will fail the same way for ever: park it at once.
    Never,
    /// It may pass later: wait longer each time.
    Later,
    /// The other side said when: wait that long, and do not count it as an attempt.
    After(Duration),
}

/// The code of a mail that the server refuses for its recipient, for good: whoever it is for takes no mail there.
pub const RECIPIENT_REFUSED: &str = "recipient-refused";

/// A failure of one piece of work, fit to be stored and shown to ops.
///
/// `code` groups equal failures ("requeue all with the same error"); `detail` is prose that must hold no
/// personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// A short stable word, such as `store-unavailable`.
    pub code: String,
    /// What happened and what to do, without personal data.
    pub detail: String,
    /// Whether trying again helps.
    pub retry: Retry,
}

impl Fault {
    /// A failure that no retry mends.
    pub fn permanent(code: &str, detail: impl Into<String>) -> Self {
        Self { code: code.to_owned(), detail: detail.into(), retry: Retry::Never }
    }

    /// A failure that may pass.
    pub fn temporary(code: &str, detail: impl Into<String>) -> Self {
        Self { code: code.to_owned(), detail: detail.into(), retry: Retry::Later }
    }

    /// The other side asked for a pause.
    pub fn throttled(code: &str, detail: impl Into<String>, pause: Duration) -> Self {
        Self { code: code.to_owned(), detail: detail.into(), retry: Retry::After(pause) }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl std::error::Error for Fault {}
