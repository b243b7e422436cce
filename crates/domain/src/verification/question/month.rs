//! Months as people write them, in the common era and in Japanese eras.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::Value;

/// A month of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Month {
    year: i32,
    month: u32,
}

/// Japanese eras: how they are written, and the year before their first.
const ERAS: [(&[&str], i32); 4] =
    [(&["令和", "r"], 2018), (&["平成", "h"], 1988), (&["昭和", "s"], 1925), (&["大正", "t"], 1911)];

const NAMES: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

impl Month {
    fn new(year: i32, month: u32) -> Option<Self> {
        ((1900..=2200).contains(&year) && (1..=12).contains(&month)).then_some(Self { year, month })
    }

    fn of(day: NaiveDate) -> Self {
        Self { year: day.year(), month: day.month() }
    }

    /// The months since the year 0.
    pub(super) fn number(self) -> u32 {
        u32::try_from(self.year).unwrap_or(0) * 12 + self.month
    }

    /// The months that `value` lies in, in whichever zone it is read.
    pub(super) fn around(value: &Value) -> Option<Vec<Self>> {
        let moment = |moment: DateTime<Utc>| {
            let mut months =
                [-12, 14].map(|hours| Self::of((moment + TimeDelta::hours(hours)).date_naive())).to_vec();
            months.dedup();
            months
        };
        match value {
            Value::Date(day) => Some(vec![Self::of(*day)]),
            Value::DateTime(at) => Some(vec![Self::of(at.date())]),
            Value::Timestamp(at) => Some(moment(*at)),
            Value::Text(text) => match DateTime::parse_from_rfc3339(text) {
                Ok(at) => Some(moment(at.to_utc())),
                Err(_) => text.get(..10)?.parse().ok().map(|day| vec![Self::of(day)]),
            },
            _ => None,
        }
    }

    /// The first month that a folded text names.
    pub(super) fn read(text: &str) -> Option<Self> {
        Self::all_in(text).into_iter().next()
    }

    /// Whether a folded text names it.
    pub(super) fn is_in(self, text: &str) -> bool {
        Self::all_in(text).contains(&self)
    }

    fn all_in(text: &str) -> Vec<Self> {
        let words = words(text);
        let mut found = Vec::new();
        for (place, word) in words.iter().enumerate() {
            let next = words.get(place + 1);
            let after = words.get(place + 2);
            found.extend(pair(word, next));
            if let Word::Era(before) = word
                && let (Some(Word::Number(year, _)), Some(Word::Number(month, _))) = (next, after)
            {
                found.extend(i32::try_from(*year).ok().and_then(|year| Self::new(before + year, *month)));
            }
        }
        found
    }
}

/// `2025 7`, `7 2025`, `july 2025`, `2025 july`, `202507`.
fn pair(word: &Word, next: Option<&Word>) -> Option<Month> {
    let year = |number: u32| i32::try_from(number).unwrap_or(0);
    match (word, next) {
        (Word::Number(number, 6), _) if Month::new(year(number / 100), number % 100).is_some() => {
            Month::new(year(number / 100), number % 100)
        }
        (Word::Number(first, 4), Some(Word::Number(month, 1 | 2) | Word::Name(month)))
        | (Word::Number(month, 1 | 2) | Word::Name(month), Some(Word::Number(first, 4))) => {
            Month::new(year(*first), *month)
        }
        _ => None,
    }
}

/// What matters in a text for finding months.
#[derive(Debug, PartialEq)]
enum Word {
    /// A number and how many digits it was written with.
    Number(u32, usize),
    /// The name of a month.
    Name(u32),
    /// A Japanese era, as the year before its first.
    Era(i32),
}

fn words(text: &str) -> Vec<Word> {
    // The first year of an era is written with a word of its own.
    let text = text.replace("元年", "1年");
    let mut words = Vec::new();
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let same = |c: char| {
            c.is_ascii_digit() == first.is_ascii_digit() && c.is_alphabetic() == first.is_alphabetic()
        };
        let end = rest.find(|c| !same(c)).unwrap_or(rest.len());
        let (run, tail) = rest.split_at(end);
        words.extend(word(run, first));
        rest = tail;
    }
    words
}

fn word(run: &str, first: char) -> Option<Word> {
    if first.is_ascii_digit() {
        return run.parse().ok().map(|number| Word::Number(number, run.len()));
    }
    let named = |name: &&str| run.starts_with(*name) && run.is_ascii();
    if let Some((number, _)) = (1..).zip(&NAMES).find(|(_, name)| named(name)) {
        return Some(Word::Name(number));
    }
    let era = ERAS.iter().find(|(spellings, _)| {
        spellings.iter().any(|spelling| run == *spelling || (!spelling.is_ascii() && run.ends_with(spelling)))
    });
    era.map(|(_, before)| Word::Era(*before))
}
