//! How long something is kept.

use std::fmt;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, Utc};
use serde::{Serialize, Serializer};

/// What a period is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Calendar days.
    Days,
    /// Calendar months.
    Months,
    /// Calendar years.
    Years,
}

impl Unit {
    const fn letter(self) -> char {
        match self {
            Self::Days => 'd',
            Self::Months => 'm',
            Self::Years => 'y',
        }
    }

    /// The most that is accepted: a hundred years.
    const fn most(self) -> u32 {
        match self {
            Self::Days => 36_500,
            Self::Months => 1_200,
            Self::Years => 100,
        }
    }
}

/// A calendar period of one day to a hundred years, written `30d`, `6m` or `7y`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    amount: u32,
    unit: Unit,
}

impl Period {
    /// That much of that unit; nothing outside of one day to a hundred years.
    pub fn new(amount: u32, unit: Unit) -> Option<Self> {
        (1..=unit.most()).contains(&amount).then_some(Self { amount, unit })
    }

    /// Reads `30d`, `6m` or `7y`.
    pub fn parse(text: &str) -> Option<Self> {
        let unit =
            [Unit::Days, Unit::Months, Unit::Years].into_iter().find(|u| text.ends_with(u.letter()))?;
        let amount = text.strip_suffix(unit.letter())?;
        amount
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| amount.parse().ok())?
            .and_then(|amount| Self::new(amount, unit))
    }

    /// The last day of the period that starts on `from`. Where the month has no such day, its last one
    /// (as in article 143 of the Japanese Civil Code and Regulation 1182/71 art. 3).
    pub fn last_day(self, from: NaiveDate) -> NaiveDate {
        match self.months() {
            Some(months) => from.checked_add_months(months),
            None => from.checked_add_days(Days::new(self.amount.into())),
        }
        .unwrap_or(NaiveDate::MAX)
    }

    /// The first day whose period is not over on `today`: periods that started before it are over.
    pub fn first_open(self, today: NaiveDate) -> NaiveDate {
        let Some(months) = self.months() else {
            return today.checked_sub_days(Days::new(self.amount.into())).unwrap_or(NaiveDate::MIN);
        };
        let start = today.checked_sub_months(months).unwrap_or(NaiveDate::MIN);
        // The month has no such day: what started on its last day ended earlier in today's month.
        if start.day() == today.day() { start } else { start.succ_opt().unwrap_or(start) }
    }

    /// Rows dated before this moment are past their period, wherever on earth their dates were written:
    /// a period counts as over when its last day has ended in every time zone.
    pub fn cutoff(self, now: DateTime<Utc>) -> DateTime<Utc> {
        let today = now.date_naive().pred_opt().unwrap_or(NaiveDate::MIN);
        self.first_open(today).and_time(NaiveTime::MIN).and_utc()
    }

    /// The first moment whose [`Period::cutoff`] covers a row of that date: when to run the deferred deletion.
    pub fn over_at(self, from: NaiveDate) -> DateTime<Utc> {
        let day = self.last_day(from).checked_add_days(Days::new(2)).unwrap_or(NaiveDate::MAX);
        day.and_time(NaiveTime::MIN).and_utc()
    }

    fn months(self) -> Option<Months> {
        match self.unit {
            Unit::Days => None,
            Unit::Months => Some(Months::new(self.amount)),
            Unit::Years => Some(Months::new(self.amount * 12)),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.amount, self.unit.letter())
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn reads_what_it_writes_and_nothing_else() {
        for text in ["1d", "6m", "7y", "100y"] {
            assert_eq!(Period::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "d", "0d", "-1d", "+1d", "7", "7 y", "7w", "101y", "99999999999d", "７y"] {
            assert_eq!(Period::parse(text), None, "{text}");
        }
    }

    #[test]
    fn seven_years_of_an_order() {
        let period = Period::parse("7y").unwrap();
        assert_eq!(period.last_day(date("2020-02-29")), date("2027-02-28"));
        let now = "2027-03-01T23:59:59Z".parse().unwrap();
        assert_eq!(period.cutoff(now), "2020-02-28T00:00:00Z".parse::<DateTime<Utc>>().unwrap(), "not yet");
        assert_eq!(
            period.over_at(date("2020-02-29")),
            "2027-03-02T00:00:00Z".parse::<DateTime<Utc>>().unwrap()
        );
    }

    fn day() -> impl Strategy<Value = NaiveDate> {
        (0..80_000i32).prop_filter_map("a day", |n| NaiveDate::from_num_days_from_ce_opt(690_000 + n))
    }

    fn period() -> impl Strategy<Value = Period> {
        (1..60u32, prop_oneof![Just(Unit::Days), Just(Unit::Months), Just(Unit::Years)])
            .prop_filter_map("a period", |(amount, unit)| Period::new(amount, unit))
    }

    proptest! {
        #[test]
        fn counting_forwards_and_backwards_agree(period in period(), from in day(), today in day()) {
            prop_assert_eq!(from < period.first_open(today), period.last_day(from) < today);
        }

        #[test]
        fn the_cutoff_covers_a_row_from_the_moment_it_says(period in period(), from in day()) {
            let midnight = from.and_time(NaiveTime::MIN).and_utc();
            let over = period.over_at(from);
            prop_assert!(midnight < period.cutoff(over));
            prop_assert!(midnight >= period.cutoff(over - chrono::TimeDelta::seconds(1)));
        }
    }
}
