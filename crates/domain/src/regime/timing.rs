//! How long a regime gives, and how it counts.

use serde::{Deserialize, Serialize};

use super::{Confidence, Sourced};
use crate::{
    Bilingual,
    deadline::{CalendarId, Period},
};

/// What starts the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClockStart {
    /// The day the request arrived.
    Receipt,
    /// The later of the day the request arrived and the day identity was proven.
    ReceiptAndIdentity,
}

/// Whether the day that starts the clock is the first day of the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FirstDay {
    /// It is not counted (Reg. 1182/71 art. 3(1)).
    Excluded,
    /// It is counted.
    Included,
    /// The wording is open: due without it, alert with it.
    Disputed,
}

/// How long there is for an answer, and how it is counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timing {
    /// What starts the clock.
    pub starts: Sourced<ClockStart>,
    /// By when receipt must be confirmed, counted from receipt.
    pub acknowledge: Option<Sourced<Period>>,
    /// By when the request must be answered.
    pub respond: Sourced<Period>,
    /// By how much that can be extended.
    pub extension: Option<Extension>,
    /// Whether the first day counts.
    pub first_day: Sourced<FirstDay>,
    /// Whether a period that ends on a weekend or holiday ends on the next open day.
    pub rolls: Sourced<bool>,
    /// The holidays. Without it only weekends are known, until a configuration adds days.
    pub calendar: Option<Sourced<CalendarId>>,
}

/// An extension of the period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// How much is added.
    pub value: Period,
    /// By when the person must be told, counted from the same day as the answer.
    pub notice: Period,
    /// The article.
    pub article: String,
    /// How sure we are.
    pub confidence: Confidence,
}

impl Extension {
    /// The article as staff read it, with a word of caution where one is due.
    pub fn cited(&self) -> Bilingual {
        self.confidence.cite(&self.article)
    }
}
