//! Text that a database gave, as a value of the column's type. What cannot be read stays text: a strange value in
//! one row must not keep a person from all their data.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use habeas_domain::{Value, schema::FieldType};
use uuid::Uuid;

pub(crate) fn value(text: String, kind: FieldType) -> Value {
    parsed(&text, kind).unwrap_or(Value::Text(text))
}

fn parsed(text: &str, kind: FieldType) -> Option<Value> {
    match kind {
        FieldType::Int => text.parse().ok().map(Value::Int).or_else(|| decimal(text)),
        FieldType::Float => text.parse().ok().map(Value::Float),
        FieldType::Decimal => decimal(text),
        FieldType::Date => NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(Value::Date),
        FieldType::Time => NaiveTime::parse_from_str(text, "%H:%M:%S%.f").ok().map(Value::Time),
        FieldType::DateTime => date_time(text).map(Value::DateTime),
        FieldType::Timestamp => moment(text).map(Value::Timestamp),
        FieldType::Uuid => Uuid::try_parse(text).ok().map(Value::Uuid),
        FieldType::Json => serde_json::from_str(text).ok().map(Value::Json),
        FieldType::Bool => match text {
            "t" | "true" | "1" => Some(Value::Bool(true)),
            "f" | "false" | "0" => Some(Value::Bool(false)),
            _ => None,
        },
        FieldType::Text | FieldType::Bytes | FieldType::Other => None,
    }
}

fn decimal(text: &str) -> Option<Value> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    (plain && digits.starts_with(|c: char| c.is_ascii_digit())).then(|| Value::Decimal(text.to_owned()))
}

pub(crate) fn date_time(text: &str) -> Option<NaiveDateTime> {
    let formats = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"];
    formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
}

/// With a zone (`+00`, `+09:00`, `Z`), or without one in UTC.
pub(crate) fn moment(text: &str) -> Option<DateTime<Utc>> {
    let zoned = || DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%#z").ok().map(|time| time.to_utc());
    let standard = || DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc());
    zoned().or_else(standard).or_else(|| date_time(text).map(|time| time.and_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_stays_text() {
        for (text, kind) in [
            ("infinity", FieldType::Timestamp),
            ("0000-00-00", FieldType::Date),
            ("0044-03-15 BC", FieldType::Date),
            ("NaN", FieldType::Decimal),
            ("{\"n\":1e999}", FieldType::Json),
        ] {
            assert_eq!(value(text.to_owned(), kind), Value::Text(text.to_owned()));
        }
    }

    #[test]
    fn moments_are_read_in_all_spellings() {
        let moments = [
            "2024-02-29 01:02:03+00",
            "2024-02-29 10:02:03+09",
            "2024-02-29T01:02:03Z",
            "2024-02-29 01:02:03",
        ];
        for text in moments {
            let Value::Timestamp(time) = value(text.to_owned(), FieldType::Timestamp) else {
                panic!("{text}")
            };
            assert_eq!(time.to_rfc3339(), "2024-02-29T01:02:03+00:00");
        }
    }
}
