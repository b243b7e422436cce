//! Keys as values: one rule for what a key may match, whichever type the field has.
//!
//! A key travels as text. In a field of another type it means the value that is *written* that way: `42` is the
//! number 42, but `042`, `+42` and ` 42` mean no number at all, for in another store they may be another person's code.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use habeas_domain::{KeyValue, Value, schema::FieldType};
use uuid::Uuid;

/// The key that a value is, in the one spelling that comparisons use: `42.00` in a decimal field is `42`.
pub fn canonical(value: &Value) -> Option<KeyValue> {
    match value {
        Value::Decimal(digits) => KeyValue::new(trimmed(digits)),
        other => other.to_key(),
    }
}

/// The value that a key means in a field of that type; nothing if it cannot mean any, so that it finds no row.
pub fn typed(key: &KeyValue, kind: FieldType) -> Option<Value> {
    let text = key.as_str();
    match kind {
        FieldType::Text | FieldType::Other => Some(Value::Text(text.to_owned())),
        FieldType::Int => text.parse().ok().map(Value::Int).filter(|value| spells(value, text)),
        FieldType::Decimal => decimal(text).map(|digits| Value::Decimal(digits.to_owned())),
        FieldType::Bool => text.parse().ok().map(Value::Bool),
        FieldType::Bytes => bytes(text).map(Value::Bytes),
        FieldType::Uuid => uuid(text).map(Value::Uuid),
        FieldType::Date => parsed::<NaiveDate>(text, Value::Date),
        FieldType::Time => text.parse().ok().map(Value::Time).filter(|value| spells(value, text)),
        FieldType::DateTime => parsed::<NaiveDateTime>(text, Value::DateTime),
        FieldType::Timestamp => parsed::<DateTime<Utc>>(text, Value::Timestamp),
        FieldType::Float | FieldType::Json => None,
    }
}

fn parsed<T: FromStr>(text: &str, wrap: fn(T) -> Value) -> Option<Value> {
    // Years of more than four digits are written differently from store to store.
    let plain = text.as_bytes().get(4) == Some(&b'-');
    text.parse().ok().filter(|_| plain).map(wrap).filter(|value| spells(value, text))
}

fn spells(value: &Value, text: &str) -> bool {
    value.to_text() == text
}

/// A decimal number in plain notation, without zeros that mean nothing.
fn decimal(text: &str) -> Option<&str> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let plain = whole == "0" || !whole.starts_with('0');
    (number(whole) && number(fraction) && plain).then(|| trimmed(text))
}

fn trimmed(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    hex::decode(text).ok().or_else(|| uuid(text).map(|uuid| uuid.as_bytes().to_vec()))
}

fn uuid(text: &str) -> Option<Uuid> {
    matches!(text.len(), 32 | 36).then(|| Uuid::try_parse(text).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed_text(text: &str, kind: FieldType) -> Option<String> {
        typed(&KeyValue::new(text).unwrap(), kind)
            .as_ref()
            .and_then(canonical)
            .map(|key| key.as_str().to_owned())
    }

    #[test]
    fn a_number_is_only_what_is_written_as_that_number() {
        assert_eq!(typed_text("42", FieldType::Int).as_deref(), Some("42"));
        assert_eq!(typed_text("-42", FieldType::Int).as_deref(), Some("-42"));
        for text in ["042", "+42", " 42", "42 ", "4 2", "0x2a", "abc", "42.0", "9223372036854775808", "٤٢"]
        {
            assert_eq!(typed_text(text, FieldType::Int), None, "{text}");
        }
    }

    #[test]
    fn decimals_meet_in_one_spelling() {
        assert_eq!(typed_text("42", FieldType::Decimal).as_deref(), Some("42"));
        assert_eq!(typed_text("42.50", FieldType::Decimal).as_deref(), Some("42.5"));
        assert_eq!(canonical(&Value::Decimal("42.00".to_owned())), KeyValue::new("42"));
        assert_eq!(canonical(&Value::Decimal("100".to_owned())), KeyValue::new("100"));
        for text in ["042", "1e3", "NaN", ".5", "5.", "--1"] {
            assert_eq!(typed_text(text, FieldType::Decimal), None, "{text}");
        }
    }

    #[test]
    fn uuids_meet_in_one_spelling() {
        let hyphenated = "7d444840-9dc0-11d1-b245-5ffdce74fad2";
        for text in [hyphenated, "7D444840-9DC0-11D1-B245-5FFDCE74FAD2", "7d4448409dc011d1b2455ffdce74fad2"] {
            assert_eq!(typed_text(text, FieldType::Uuid).as_deref(), Some(hyphenated));
            assert_eq!(
                typed_text(text, FieldType::Bytes).as_deref(),
                Some("7d4448409dc011d1b2455ffdce74fad2")
            );
        }
        assert_eq!(typed_text("{7d444840-9dc0-11d1-b245-5ffdce74fad2}", FieldType::Uuid), None);
    }

    #[test]
    fn dates_must_be_written_in_full() {
        assert_eq!(typed_text("2024-02-29", FieldType::Date).as_deref(), Some("2024-02-29"));
        assert_eq!(typed_text("2024-2-29", FieldType::Date), None);
        assert_eq!(typed_text("2023-02-29", FieldType::Date), None);
        assert_eq!(typed_text("+12024-02-29", FieldType::Date), None);
        assert_eq!(typed_text("01:02:03", FieldType::Time).as_deref(), Some("01:02:03"));
        assert_eq!(
            typed_text("2024-02-29T01:02:03Z", FieldType::Timestamp).as_deref(),
            Some("2024-02-29T01:02:03Z")
        );
    }
}
