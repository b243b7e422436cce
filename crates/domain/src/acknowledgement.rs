//! Confirming the receipt of a request by other means than a mail of Habeas.

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::words;

/// How staff told a person that their request arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConfirmedBy {
    /// By letter.
    Post,
    /// By telephone.
    Telephone,
}

/// A text that names no such means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("use post or telephone")]
pub struct UnknownMeans;

words!(ConfirmedBy, or UnknownMeans: Post = "post", Telephone = "telephone");

/// Why a receipt cannot be marked as confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AcknowledgementRefused {
    /// Its law sets no day for it.
    #[error(
        "the law of this request sets no day by which its receipt is confirmed; there is nothing to mark"
    )]
    NotAwaited,
    /// It is confirmed already.
    #[error("the receipt of this request was confirmed before")]
    Confirmed,
    /// Not a day on which it can have been confirmed.
    #[error("give the day on which the person was told: from {from} to {to}")]
    Day {
        /// The first possible day.
        from: NaiveDate,
        /// The last one.
        to: NaiveDate,
    },
}

/// Whether the person can have been told on that day: no sooner than the request arrived, and not in time to come. Wherever on
/// earth staff read their calendar: a day more is let through on both sides.
///
/// # Errors
/// [`AcknowledgementRefused::Day`] if not.
pub fn check_day(
    on: NaiveDate,
    received_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), AcknowledgementRefused> {
    let from = received_at.date_naive();
    let from = from.checked_sub_days(Days::new(1)).unwrap_or(from);
    let to = now.date_naive();
    let to = to.checked_add_days(Days::new(1)).unwrap_or(to);
    if (from..=to).contains(&on) { Ok(()) } else { Err(AcknowledgementRefused::Day { from, to }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_lies_between_the_receipt_and_now() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let (received, now) = (at("2026-11-20T09:30:00Z"), at("2026-11-25T09:30:00Z"));
        let fits = |day: &str| check_day(day.parse().unwrap(), received, now).is_ok();
        assert!(["2026-11-19", "2026-11-20", "2026-11-25", "2026-11-26"].into_iter().all(fits));
        assert!(!["2026-11-18", "2026-11-27", "1926-11-20", "9999-12-31"].into_iter().any(fits));
    }

    #[test]
    fn means_are_read_as_they_are_written() {
        assert!(ConfirmedBy::ALL.into_iter().all(|one| one.as_str().parse() == Ok(one)));
        assert_eq!("fax".parse::<ConfirmedBy>(), Err(UnknownMeans));
    }
}
