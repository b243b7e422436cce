//! Values as they travel between stores, spools and packages.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::Personal;

/// One value of one field, in the types that stores have in common. Prints redacted.
#[derive(Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(tag = "t", content = "v", rename_all = "kebab-case")]
pub enum Value {
    /// Nothing.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A binary floating-point number.
    Float(f64),
    /// An exact decimal number, as its digits.
    Decimal(String),
    /// Text.
    Text(String),
    /// Raw bytes.
    Bytes(Vec<u8>),
    /// A calendar date.
    Date(NaiveDate),
    /// A time of day.
    Time(NaiveTime),
    /// A date and time without a zone.
    DateTime(NaiveDateTime),
    /// A moment.
    Timestamp(DateTime<Utc>),
    /// A UUID, hyphenated.
    Uuid(uuid::Uuid),
    /// Structured data.
    Json(serde_json::Value),
}

impl Value {
    /// Whether it is [`Value::Null`].
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Plain JSON, as packages show it: bytes in hexadecimal, decimals as text so that no digit is lost.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(value) => (*value).into(),
            Self::Int(value) => (*value).into(),
            Self::Float(value) => (*value).into(),
            Self::Json(value) => value.clone(),
            other => other.to_text().into(),
        }
    }

    /// Plain text, as CSV and pages show it: empty for nothing, RFC 3339 for moments.
    pub fn to_text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Bool(value) => value.to_string(),
            Self::Int(value) => value.to_string(),
            Self::Float(value) => value.to_string(),
            Self::Decimal(value) | Self::Text(value) => value.clone(),
            Self::Bytes(value) => hex::encode(value),
            Self::Date(value) => value.to_string(),
            Self::Time(value) => value.to_string(),
            Self::DateTime(value) => value.format("%Y-%m-%dT%H:%M:%S%.f").to_string(),
            Self::Timestamp(value) => value.to_rfc3339_opts(SecondsFormat::AutoSi, true),
            Self::Uuid(value) => value.hyphenated().to_string(),
            Self::Json(value) => value.to_string(),
        }
    }

    /// This value as a key, if it can be one: not for nothing, empty text, structured data or floating point.
    pub fn to_key(&self) -> Option<KeyValue> {
        match self {
            Self::Null | Self::Float(_) | Self::Json(_) => None,
            other => KeyValue::new(&other.to_text()),
        }
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_null() { "null" } else { crate::personal::REDACTED })
    }
}

/// A value that finds a person, as text in Unicode normal form C.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyValue(String);

impl KeyValue {
    /// The longest key that is looked up, in bytes.
    pub const MAX_BYTES: usize = 1024;

    /// Wraps a text; nothing if it is empty, holds NUL, or is longer than [`KeyValue::MAX_BYTES`].
    pub fn new(text: &str) -> Option<Self> {
        let text: String = text.nfc().collect();
        let fit = !text.is_empty() && text.len() <= Self::MAX_BYTES && !text.contains('\0');
        fit.then_some(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same key for comparison without regard to case.
    #[must_use]
    pub fn folded(&self) -> Self {
        Self(self.0.to_lowercase())
    }

    /// The key as personal data.
    pub fn personal(self) -> Personal<String> {
        Personal::new(self.0)
    }
}

impl std::fmt::Debug for KeyValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(crate::personal::REDACTED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_refuse_what_can_find_nobody() {
        assert_eq!(KeyValue::new(""), None);
        assert_eq!(KeyValue::new("a\0"), None);
        assert_eq!(Value::Null.to_key(), None);
        assert_eq!(Value::Int(42).to_key(), KeyValue::new("42"));
        assert_ne!(Value::Int(42).to_key(), KeyValue::new("421"));
    }

    #[test]
    fn keys_print_redacted() {
        assert_eq!(format!("{:?}", KeyValue::new("taro@example.jp")), "Some([personal])");
    }
}
