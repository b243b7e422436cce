//! Keeping with a reason and an end (mission N17).

use chrono::{DateTime, NaiveDate, Utc};
use habeas_domain::{Bilingual, FieldName};
use serde::Serialize;

use crate::Period;

/// A rule that holds a deletion back: `keep = { reason = "tax", until = "placed_at + 7y" }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Keep {
    /// Why, as the person is told.
    pub reason: Bilingual,
    /// The date that the period starts on, a field of the same collection.
    pub field: FieldName,
    /// How long.
    pub period: Period,
}

impl Keep {
    /// Rows whose [`Keep::field`] lies before this moment are deleted; all others stay, those without a date
    /// included.
    pub fn cutoff(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.period.cutoff(now)
    }

    /// The last day on which a row of that date is kept, as the letter says it.
    pub fn last_day(&self, dated: NaiveDate) -> NaiveDate {
        self.period.last_day(dated)
    }

    /// When the deferred deletion can run, so that it covers rows dated up to that day.
    pub fn over_at(&self, dated: NaiveDate) -> DateTime<Utc> {
        self.period.over_at(dated)
    }
}
