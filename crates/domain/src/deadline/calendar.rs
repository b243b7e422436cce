//! Calendars: which days are open.

use std::{collections::BTreeMap, fmt, str::FromStr};

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use crate::{
    Bilingual,
    data_file::{self, DataFileError},
    regime::Confidence,
};

/// The short name of a calendar, such as `england-and-wales`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CalendarId(String);

/// A text that is not the name of a calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a calendar: use 2 to 40 of a-z 0-9 -, beginning with a letter, such as england-and-wales")]
pub struct MalformedCalendarId;

impl CalendarId {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CalendarId {
    type Err = MalformedCalendarId;
    fn from_str(text: &str) -> Result<Self, MalformedCalendarId> {
        let fit = (2..=40).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if fit { Ok(Self(text.to_owned())) } else { Err(MalformedCalendarId) }
    }
}

impl TryFrom<String> for CalendarId {
    type Error = MalformedCalendarId;
    fn try_from(text: String) -> Result<Self, MalformedCalendarId> {
        text.parse()
    }
}

impl From<CalendarId> for String {
    fn from(id: CalendarId) -> Self {
        id.0
    }
}

impl fmt::Display for CalendarId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// One holiday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// The day.
    pub on: NaiveDate,
    /// Its name, in the language of its country.
    pub name: String,
    /// How sure we are that it is kept on this day.
    pub confidence: Confidence,
}

/// The years, both included, whose holidays a calendar holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Years {
    from: i32,
    to: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: CalendarId,
    title: Bilingual,
    source: String,
    weekend: Vec<Weekday>,
    years: Years,
    #[serde(rename = "holiday")]
    holidays: Vec<Holiday>,
}

/// Weekends and holidays of one place. At least one day of the week is open.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    id: CalendarId,
    title: Bilingual,
    source: String,
    weekend: Vec<Weekday>,
    years: Option<Years>,
    holidays: BTreeMap<NaiveDate, Holiday>,
}

impl Calendar {
    /// Saturdays and Sundays, and no holiday.
    pub fn weekends() -> Self {
        Self {
            id: CalendarId("weekends".to_owned()),
            title: Bilingual { en: "Weekends only".to_owned(), ja: "週末のみ".to_owned() },
            source: String::new(),
            weekend: vec![Weekday::Sat, Weekday::Sun],
            years: None,
            holidays: BTreeMap::new(),
        }
    }

    /// Reads a calendar from the TOML `text` of `file`.
    ///
    /// # Errors
    /// Names the file, the line where known, the field, and what is wrong.
    pub fn parse(file: &str, text: &str) -> Result<Self, DataFileError> {
        let read: File = data_file::parse(file, text)?;
        let open_days =
            (0..7_u8).filter_map(|n| Weekday::try_from(n).ok()).filter(|day| !read.weekend.contains(day));
        if open_days.count() == 0 {
            return Err(DataFileError::rule(file, "weekend", "leave at least one day of the week open"));
        }
        let mut holidays = BTreeMap::new();
        for (place, holiday) in read.holidays.into_iter().enumerate() {
            let field = format!("holiday[{place}].on");
            if !(read.years.from..=read.years.to).contains(&holiday.on.year()) {
                return Err(DataFileError::rule(file, field, "name a day within the file's years"));
            }
            if holidays.insert(holiday.on, holiday).is_some() {
                return Err(DataFileError::rule(file, field, "this day is there twice"));
            }
        }
        let File { id, title, source, weekend, years, .. } = read;
        Ok(Self { id, title, source, weekend, years: Some(years), holidays })
    }

    /// Adds a holiday, or replaces the one of that day. What a configuration adds is taken as certain.
    #[must_use]
    pub fn with_holiday(mut self, on: NaiveDate, name: impl Into<String>) -> Self {
        self.holidays.insert(on, Holiday { on, name: name.into(), confidence: Confidence::Stated });
        self
    }

    /// Its short name.
    pub const fn id(&self) -> &CalendarId {
        &self.id
    }

    /// Its name, as people write it.
    pub const fn title(&self) -> &Bilingual {
        &self.title
    }

    /// Where its days come from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Its holidays, in order.
    pub fn holidays(&self) -> impl Iterator<Item = &Holiday> {
        self.holidays.values()
    }

    /// Whether the holidays of that year are known.
    pub fn knows(&self, year: i32) -> bool {
        self.years.is_some_and(|years| (years.from..=years.to).contains(&year))
            || self.holidays.keys().any(|day| day.year() == year)
    }

    /// Whether a day is neither weekend nor holiday.
    pub fn is_open(&self, day: NaiveDate) -> bool {
        !self.weekend.contains(&day.weekday()) && !self.holidays.contains_key(&day)
    }

    /// That day if it is open, otherwise the first open day after it.
    pub fn next_open(&self, mut day: NaiveDate) -> NaiveDate {
        while !self.is_open(day) {
            let Some(next) = day.succ_opt() else { return day };
            day = next;
        }
        day
    }

    /// Why a day is closed, as staff read it; nothing if it is open. A holiday has its name in its country's language.
    pub fn closed_because(&self, day: NaiveDate) -> Option<Bilingual> {
        match self.holidays.get(&day) {
            Some(holiday) => Some(Bilingual { en: holiday.name.clone(), ja: holiday.name.clone() }),
            None if self.weekend.contains(&day.weekday()) => Some(Bilingual {
                en: format!("a {}", day.format("%A")),
                ja: japanese_weekday(day.weekday()).to_owned(),
            }),
            None => None,
        }
    }

    /// The same calendar without the holidays that we are not sure of.
    #[must_use]
    pub fn certain(&self) -> Self {
        let mut certain = self.clone();
        certain.holidays.retain(|_, holiday| holiday.confidence != Confidence::Unsure);
        certain
    }

    /// The same weekend, without any holiday.
    #[must_use]
    pub fn without_holidays(&self) -> Self {
        Self { holidays: BTreeMap::new(), ..self.clone() }
    }
}

const fn japanese_weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "月曜日",
        Weekday::Tue => "火曜日",
        Weekday::Wed => "水曜日",
        Weekday::Thu => "木曜日",
        Weekday::Fri => "金曜日",
        Weekday::Sat => "土曜日",
        Weekday::Sun => "日曜日",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        id = "utopia"
        title = { en = "Holidays of Utopia", ja = "ユートピアの祝日" }
        source = "a sample"
        weekend = ["Fri", "Sat"]
        years = { from = 2026, to = 2026 }
        [[holiday]]
        on = "2026-11-22"
        name = "Founders' Day"
        confidence = "unsure"
    "#;

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn a_calendar_has_its_own_weekend() {
        let utopia = Calendar::parse("utopia.toml", FILE).expect("it parses");
        assert_eq!(utopia.next_open(date("2026-11-20")), date("2026-11-23"), "Friday, Saturday, a holiday");
        assert_eq!(utopia.certain().next_open(date("2026-11-20")), date("2026-11-22"));
        assert_eq!(utopia.closed_because(date("2026-11-22")).expect("closed").en, "Founders' Day");
        let friday = utopia.closed_because(date("2026-11-20")).expect("closed");
        assert_eq!((friday.en.as_str(), friday.ja.as_str()), ("a Friday", "金曜日"));
        assert!(utopia.knows(2026) && !utopia.knows(2027));
    }

    #[test]
    fn a_broken_file_names_the_field() {
        let wrong = |from: &str, to: &str| {
            Calendar::parse("x.toml", &FILE.replacen(from, to, 1)).expect_err("it is broken").field
        };
        assert_eq!(wrong("2026-11-22", "2027-11-22"), "holiday[0].on");
        assert_eq!(wrong("2026-11-22", "2026-11-31"), "holiday[0].on");
        assert_eq!(wrong(r#"["Fri", "Sat"]"#, r#"["Mon","Tue","Wed","Thu","Fri","Sat","Sun"]"#), "weekend");
        assert_eq!(wrong("utopia", "Utopia!"), "id");
    }

    #[test]
    fn a_configuration_can_add_a_holiday() {
        let calendar = Calendar::weekends().with_holiday(date("2026-11-20"), "Company day");
        assert!(!calendar.is_open(date("2026-11-20")));
        assert!(calendar.knows(2026));
        assert!(calendar.without_holidays().is_open(date("2026-11-20")));
    }
}
