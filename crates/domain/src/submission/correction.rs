//! Corrections: which fact is to become what.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{fields::MAX_CORRECTED_CHARS, object::Fault};
use crate::{
    Category, EmailAddress, PersonName, Personal, PhoneNumber, Value,
    personal::in_the_clear,
    text::{TextRule, clean_text},
    words,
};

/// What kind of value a correction brings, and so how it is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CorrectionKind {
    /// Free text, of several lines if need be.
    Text,
    /// A mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A calendar date, `YYYY-MM-DD`, from 1800 to 2200.
    Date,
    /// A person's name.
    Name,
    /// A decimal number, written as text so that no digit is lost.
    Number,
}

words!(CorrectionKind, or UnknownCorrectionKind:
    Text = "text", Email = "email", Phone = "phone", Date = "date", Name = "name", Number = "number",
);

/// A text that names no kind of correction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("use one of: text, email, phone, date, name, number")]
pub struct UnknownCorrectionKind;

impl CorrectionKind {
    /// The value in its one clean form, or what is wrong with it.
    pub(super) fn clean(self, raw: &str) -> Result<Personal<String>, Fault> {
        match self {
            Self::Text => clean_text(raw, TextRule::lines(MAX_CORRECTED_CHARS))
                .map(Personal::new)
                .map_err(|problem| (problem.code(), problem.to_string())),
            Self::Email => EmailAddress::parse(raw)
                .map(EmailAddress::into_personal)
                .map_err(|problem| (problem.code(), problem.to_string())),
            Self::Phone => PhoneNumber::parse(raw)
                .map(PhoneNumber::into_personal)
                .map_err(|problem| (problem.code(), problem.to_string())),
            Self::Name => PersonName::parse(raw)
                .map(PersonName::into_personal)
                .map_err(|problem| (problem.code(), problem.to_string())),
            Self::Date => date(raw).map(|date| Personal::new(date.to_string())),
            Self::Number => number(raw).map(|number| Personal::new(number.to_owned())),
        }
    }
}

fn date(raw: &str) -> Result<NaiveDate, Fault> {
    let shape = raw.len() == 10
        && raw.bytes().enumerate().all(|(n, byte)| match n {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let date: Option<NaiveDate> = if shape { raw.parse().ok() } else { None };
    let date = date.ok_or_else(|| ("malformed", "write a date that exists as YYYY-MM-DD".to_owned()))?;
    if (1800..=2200).contains(&date.year()) {
        Ok(date)
    } else {
        Err(("out-of-range", "the year must lie between 1800 and 2200".to_owned()))
    }
}

fn number(raw: &str) -> Result<&str, Fault> {
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let fit = |text: &str| (1..=30).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if fit(whole) && fit(part) {
        Ok(raw)
    } else {
        Err((
            "malformed",
            "write a decimal number as text, such as \"12.50\", with at most 30 digits".to_owned(),
        ))
    }
}

/// One fact that is to become something else, in every store that holds its category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The category of data.
    pub category: Category,
    /// What kind of value it is.
    #[serde(rename = "type")]
    pub kind: CorrectionKind,
    /// The corrected value, clean.
    #[serde(with = "in_the_clear")]
    pub value: Personal<String>,
}

impl Correction {
    /// The corrected value in the types that stores have in common.
    pub fn to_value(&self) -> Value {
        let text = self.value.expose();
        match self.kind {
            CorrectionKind::Date => text.parse().map_or_else(|_| Value::Text(text.clone()), Value::Date),
            CorrectionKind::Number => text.parse().map_or_else(|_| Value::Decimal(text.clone()), Value::Int),
            CorrectionKind::Text | CorrectionKind::Email | CorrectionKind::Phone | CorrectionKind::Name => {
                Value::Text(text.clone())
            }
        }
    }

    /// Whether it changes how the person is reached. Whoever can have that changed can have codes and calls come to themselves.
    pub const fn is_of_a_contact(&self) -> bool {
        matches!(self.kind, CorrectionKind::Email | CorrectionKind::Phone)
    }

    /// The new mail address, which must be confirmed before it replaces the old one; nothing for other kinds.
    pub fn new_address(&self) -> Option<EmailAddress> {
        match self.kind {
            CorrectionKind::Email => EmailAddress::parse(self.value.expose()).ok(),
            _ => None,
        }
    }
}

impl crate::Submission {
    /// Whether it is to change how the person is reached.
    pub fn changes_a_contact(&self) -> bool {
        self.corrections.iter().any(Correction::is_of_a_contact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(kind: CorrectionKind, raw: &str) -> Result<String, &'static str> {
        kind.clean(raw).map(Personal::into_inner).map_err(|(code, _)| code)
    }

    #[test]
    fn each_kind_checks_its_value() {
        use CorrectionKind as K;
        assert_eq!(clean(K::Email, "Hanako@Example.JP").as_deref(), Ok("Hanako@example.jp"));
        assert_eq!(clean(K::Phone, "＋81 90 0000 0000").as_deref(), Ok("+819000000000"));
        assert_eq!(clean(K::Date, "2028-02-29").as_deref(), Ok("2028-02-29"));
        assert_eq!(clean(K::Number, "-12.50").as_deref(), Ok("-12.50"));
        assert_eq!(clean(K::Name, " 山田 花子 ").as_deref(), Ok("山田 花子"));
        assert_eq!(clean(K::Text, "1-2-3\r\nShibuya").as_deref(), Ok("1-2-3\nShibuya"));
        for (kind, raw) in [
            (K::Date, "2027-02-29"),
            (K::Date, "2027-2-3"),
            (K::Date, "27-02-2028"),
            (K::Date, "2026-01-01T00:00:00Z"),
            (K::Number, "1e400"),
            (K::Number, "--1"),
            (K::Number, "1."),
            (K::Number, ".5"),
            (K::Number, "NaN"),
            (K::Number, "１２"),
        ] {
            assert_eq!(clean(kind, raw), Err("malformed"), "{kind} {raw}");
        }
        assert_eq!(clean(K::Date, "1799-12-31"), Err("out-of-range"));
        assert_eq!(clean(K::Date, "9999-12-31"), Err("out-of-range"));
    }

    #[test]
    fn values_keep_their_type() {
        let of = |kind, text: &str| Correction {
            category: Category::new("user.x").expect("a category"),
            kind,
            value: Personal::new(text.to_owned()),
        };
        assert_eq!(of(CorrectionKind::Number, "12").to_value(), Value::Int(12));
        assert_eq!(of(CorrectionKind::Number, "12.50").to_value(), Value::Decimal("12.50".into()));
        assert!(matches!(of(CorrectionKind::Date, "2026-11-20").to_value(), Value::Date(_)));
        assert!(of(CorrectionKind::Email, "new@example.com").new_address().is_some());
        assert!(of(CorrectionKind::Text, "new@example.com").new_address().is_none());
    }

    #[test]
    fn names_parse_back() {
        for kind in CorrectionKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
    }
}
