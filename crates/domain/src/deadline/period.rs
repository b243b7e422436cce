//! Lengths of time as laws give them.

use std::{fmt, str::FromStr};

use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use super::Calendar;

/// A length of time: written `45 days`, `10 business days`, `1 month`. Always 1 to [`Period::MAX`] of its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Period {
    /// Calendar days.
    Days(u16),
    /// Days that are neither weekend nor holiday.
    BusinessDays(u16),
    /// Calendar months.
    Months(u16),
}

/// A text that is not a period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a period: write it as `45 days`, `10 business days` or `1 month`, from 1 to {}", Period::MAX)]
pub struct MalformedPeriod;

impl Period {
    /// The largest number of any unit.
    pub const MAX: u16 = 1200;

    /// The last day of the period when `start` itself is not counted (Reg. 1182/71 art. 3(1)). Months end on the day
    /// of the same number, or on the month's last day where there is none (art. 3(2)(c)). Not rolled.
    pub fn after(self, start: NaiveDate, calendar: &Calendar) -> NaiveDate {
        match self {
            Self::Days(n) => start.checked_add_days(Days::new(n.into())).unwrap_or(NaiveDate::MAX),
            Self::Months(n) => start.checked_add_months(Months::new(n.into())).unwrap_or(NaiveDate::MAX),
            Self::BusinessDays(n) => (0..n).fold(start, |day, _| calendar.next_open(next(day))),
        }
    }

    /// The last day of the period when `start` is its first day. Not rolled; never before `start`.
    pub fn beginning_with(self, start: NaiveDate, calendar: &Calendar) -> NaiveDate {
        match self {
            Self::Days(_) | Self::Months(_) => {
                self.after(start, calendar).pred_opt().map_or(start, |day| day.max(start))
            }
            Self::BusinessDays(n) => {
                (1..n).fold(calendar.next_open(start), |day, _| calendar.next_open(next(day)))
            }
        }
    }

    /// Both periods as one, where they are of the same unit.
    pub fn and(self, more: Self) -> Option<Self> {
        match (self, more) {
            (Self::Days(a), Self::Days(b)) => Some(Self::Days(a.saturating_add(b))),
            (Self::BusinessDays(a), Self::BusinessDays(b)) => Some(Self::BusinessDays(a.saturating_add(b))),
            (Self::Months(a), Self::Months(b)) => Some(Self::Months(a.saturating_add(b))),
            _ => None,
        }
    }
}

/// The day after; the last day that the calendar can hold stays.
fn next(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(day)
}

impl Period {
    /// As Japanese staff read it.
    pub(super) fn in_japanese(self) -> String {
        match self {
            Self::Days(n) => format!("{n}日"),
            Self::BusinessDays(n) => format!("{n}営業日"),
            Self::Months(n) => format!("{n}か月"),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, unit) = match self {
            Self::Days(n) => (*n, "day"),
            Self::BusinessDays(n) => (*n, "business day"),
            Self::Months(n) => (*n, "month"),
        };
        write!(f, "{n} {unit}{}", if n == 1 { "" } else { "s" })
    }
}

impl FromStr for Period {
    type Err = MalformedPeriod;
    fn from_str(text: &str) -> Result<Self, MalformedPeriod> {
        let (number, unit) = text.split_once(' ').ok_or(MalformedPeriod)?;
        let number: u16 = number.parse().map_err(|_| MalformedPeriod)?;
        if !(1..=Self::MAX).contains(&number) {
            return Err(MalformedPeriod);
        }
        match unit {
            "day" | "days" => Ok(Self::Days(number)),
            "business day" | "business days" => Ok(Self::BusinessDays(number)),
            "month" | "months" => Ok(Self::Months(number)),
            _ => Err(MalformedPeriod),
        }
    }
}

impl TryFrom<String> for Period {
    type Error = MalformedPeriod;
    fn try_from(text: String) -> Result<Self, MalformedPeriod> {
        text.parse()
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn periods_are_read_and_written() {
        for text in ["45 days", "1 day", "10 business days", "1 month", "24 months"] {
            assert_eq!(text.parse::<Period>().map(|period| period.to_string()), Ok(text.to_owned()));
        }
        for wrong in ["", "45", "days", "0 days", "-1 days", "one month", "1201 days", "1  month", "2 weeks"]
        {
            assert_eq!(wrong.parse::<Period>(), Err(MalformedPeriod), "{wrong}");
        }
    }

    #[test]
    fn months_end_on_the_same_number_or_the_last_day() {
        let calendar = Calendar::weekends();
        let month = |start: &str, n| Period::Months(n).after(date(start), &calendar);
        assert_eq!(month("2026-11-20", 1), date("2026-12-20"));
        assert_eq!(month("2027-01-31", 1), date("2027-02-28"));
        assert_eq!(month("2028-01-31", 1), date("2028-02-29"));
        assert_eq!(month("2026-08-31", 1), date("2026-09-30"));
        assert_eq!(month("2026-11-30", 3), date("2027-02-28"));
        assert_eq!(month("2027-02-28", 1), date("2027-03-28"));
    }

    #[test]
    fn days_exclude_the_first_or_begin_with_it() {
        let calendar = Calendar::weekends();
        assert_eq!(Period::Days(45).after(date("2026-11-20"), &calendar), date("2027-01-04"));
        assert_eq!(Period::Days(45).beginning_with(date("2026-11-20"), &calendar), date("2027-01-03"));
        assert_eq!(Period::Days(1).beginning_with(date("2026-11-20"), &calendar), date("2026-11-20"));
    }

    #[test]
    fn business_days_step_over_weekends() {
        let calendar = Calendar::weekends();
        assert_eq!(Period::BusinessDays(1).after(date("2026-11-20"), &calendar), date("2026-11-23"));
        assert_eq!(Period::BusinessDays(10).after(date("2026-11-20"), &calendar), date("2026-12-04"));
        assert_eq!(
            Period::BusinessDays(10).beginning_with(date("2026-11-20"), &calendar),
            date("2026-12-03")
        );
        assert_eq!(Period::BusinessDays(1).beginning_with(date("2026-11-21"), &calendar), date("2026-11-23"));
    }

    #[test]
    fn the_end_of_time_does_not_panic() {
        let calendar = Calendar::weekends();
        assert_eq!(Period::Months(1200).after(NaiveDate::MAX, &calendar), NaiveDate::MAX);
        assert_eq!(Period::Days(1200).after(NaiveDate::MAX, &calendar), NaiveDate::MAX);
    }
}
