//! The calendars that ship with Habeas, and those that a configuration adds.

use std::collections::BTreeMap;

use super::{Calendar, CalendarId};
use crate::{
    data_file::DataFileError,
    regime::{Regime, RegimeId},
};

const FILES: [(&str, &str); 3] = [
    ("holidays/england-and-wales.toml", include_str!("../../data/holidays/england-and-wales.toml")),
    ("holidays/japan.toml", include_str!("../../data/holidays/japan.toml")),
    ("holidays/us-federal.toml", include_str!("../../data/holidays/us-federal.toml")),
];

/// All calendars that a regime can name.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Calendars(BTreeMap<CalendarId, Calendar>);

/// A regime names a calendar that is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "regime {regime} names the calendar {calendar}, which is not known; add its file or use one of: {known}"
)]
pub struct UnknownCalendar {
    /// The regime.
    pub regime: RegimeId,
    /// The calendar that it names.
    pub calendar: CalendarId,
    /// The calendars that are known.
    pub known: String,
}

impl Calendars {
    /// The calendars that ship with Habeas, for 2026 to 2028: `england-and-wales`, `japan`, `us-federal`.
    ///
    /// # Errors
    /// Only if an embedded file is broken, which a test excludes.
    pub fn builtin() -> Result<Self, DataFileError> {
        let mut calendars = Self::default();
        for (file, text) in FILES {
            calendars.add(Calendar::parse(file, text)?);
        }
        Ok(calendars)
    }

    /// Adds a calendar, or replaces the one of the same id.
    pub fn add(&mut self, calendar: Calendar) {
        self.0.insert(calendar.id().clone(), calendar);
    }

    /// The calendar of that id.
    pub fn get(&self, id: &CalendarId) -> Option<&Calendar> {
        self.0.get(id)
    }

    /// The calendar that a regime names; weekends alone if it names none.
    pub fn of(&self, regime: &Regime) -> Result<Calendar, UnknownCalendar> {
        let Some(named) = &regime.timing.calendar else { return Ok(Calendar::weekends()) };
        self.get(&named.value).cloned().ok_or_else(|| UnknownCalendar {
            regime: regime.id.clone(),
            calendar: named.value.clone(),
            known: self.0.keys().map(CalendarId::as_str).collect::<Vec<_>>().join(", "),
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, NaiveDate, Weekday};

    use super::*;
    use crate::regime::Regimes;

    fn calendar(id: &str) -> Calendar {
        let calendars = Calendars::builtin().expect("every embedded file parses");
        calendars.get(&id.parse().expect("an id")).expect("an embedded calendar").clone()
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn every_embedded_calendar_names_its_source_and_file() {
        for (file, text) in FILES {
            let calendar = Calendar::parse(file, text).expect("it parses");
            assert_eq!(file, format!("holidays/{}.toml", calendar.id()));
            assert!(!calendar.source().is_empty() && !calendar.title().ja.is_empty(), "{file}");
            assert!((2026..=2028).all(|year| calendar.knows(year)), "{file}");
        }
    }

    #[test]
    fn every_builtin_regime_finds_its_calendar() {
        let calendars = Calendars::builtin().expect("every embedded file parses");
        for regime in Regimes::builtin().expect("every embedded file parses").iter() {
            assert!(calendars.of(regime).is_ok(), "{}", regime.id);
        }
    }

    #[test]
    fn a_calendar_that_is_missing_is_named() {
        let regimes = Regimes::builtin().expect("every embedded file parses");
        let uk = regimes.get(&RegimeId::new("uk_gdpr").expect("an id")).expect("embedded");
        let error = Calendars::default().of(uk).expect_err("it is missing");
        assert!(error.to_string().contains("england-and-wales"));
    }

    #[test]
    fn observed_days_in_england_and_the_united_states_are_working_days_otherwise() {
        for id in ["england-and-wales", "us-federal"] {
            for holiday in calendar(id).holidays() {
                assert!(!matches!(holiday.on.weekday(), Weekday::Sat | Weekday::Sun), "{id} {}", holiday.on);
            }
        }
    }

    #[test]
    fn some_days_by_hand() {
        let uk = calendar("england-and-wales");
        assert!(
            !uk.is_open(date("2026-04-03")) && !uk.is_open(date("2026-12-28")),
            "Good Friday, Boxing Day"
        );
        assert_eq!(uk.holidays().filter(|day| day.on.year() == 2027).count(), 8);
        let us = calendar("us-federal");
        assert!(
            !us.is_open(date("2026-11-26")) && us.is_open(date("2026-11-27")),
            "Thanksgiving, and the day after"
        );
        assert_eq!(us.holidays().filter(|day| day.on.year() == 2026).count(), 11);
        let jp = calendar("japan");
        assert_eq!(jp.next_open(date("2026-09-19")), date("2026-09-24"), "five days in a row");
        assert_eq!(jp.next_open(date("2027-03-20")), date("2027-03-23"), "a substitute day");
    }
}
