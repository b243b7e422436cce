//! One value in the type of a field.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use habeas_domain::{Value, schema::FieldType};
use uuid::Uuid;

use crate::keys;

/// The value in that type, if it can be written in it without loss. A typed correction arrives as text.
pub fn coerce(value: &Value, kind: FieldType) -> Option<Value> {
    match (value, kind) {
        (Value::Null, _) => Some(Value::Null),
        (_, FieldType::Other) => None,
        (value, kind) if FieldType::of(value) == Some(kind) => Some(value.clone()),
        (Value::Text(text), kind) => from_text(text, kind),
        (Value::Json(_), FieldType::Text) => None,
        (value, FieldType::Text) => Some(Value::Text(value.to_text())),
        (Value::Int(0), FieldType::Bool) => Some(Value::Bool(false)),
        (Value::Int(1), FieldType::Bool) => Some(Value::Bool(true)),
        (Value::Bool(truth), FieldType::Int) => Some(Value::Int((*truth).into())),
        (Value::Int(number), FieldType::Decimal) => Some(Value::Decimal(number.to_string())),
        (Value::Decimal(digits), FieldType::Int) => digits.parse().ok().map(Value::Int),
        (Value::Date(date), FieldType::DateTime) => Some(Value::DateTime(date.and_time(NaiveTime::MIN))),
        (Value::DateTime(time), FieldType::Timestamp) => Some(Value::Timestamp(time.and_utc())),
        (Value::Timestamp(time), FieldType::DateTime) => Some(Value::DateTime(time.naive_utc())),
        _ => None,
    }
}

fn from_text(text: &str, kind: FieldType) -> Option<Value> {
    match kind {
        FieldType::Bool => text.parse().ok().map(Value::Bool),
        FieldType::Int => text.parse().ok().map(Value::Int),
        FieldType::Float => text.parse().ok().filter(|number: &f64| number.is_finite()).map(Value::Float),
        FieldType::Decimal => is_decimal(text).then(|| Value::Decimal(text.to_owned())),
        FieldType::Bytes => hex::decode(text).ok().map(Value::Bytes),
        FieldType::Date => NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(Value::Date),
        FieldType::Time => text.parse::<NaiveTime>().ok().map(Value::Time),
        FieldType::DateTime => date_time(text).map(Value::DateTime),
        FieldType::Timestamp => text.parse::<DateTime<Utc>>().ok().map(Value::Timestamp),
        FieldType::Uuid => Uuid::try_parse(text).ok().map(Value::Uuid),
        FieldType::Json => serde_json::from_str(text).ok().map(Value::Json),
        FieldType::Text => Some(Value::Text(text.to_owned())),
        FieldType::Other => None,
    }
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

fn date_time(text: &str) -> Option<NaiveDateTime> {
    let date = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(|date| date.and_time(NaiveTime::MIN));
    let spaced = || NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok();
    let zoned = || text.parse::<DateTime<Utc>>().ok().map(|moment| moment.naive_utc());
    text.parse().ok().or_else(spaced).or_else(zoned).or_else(date)
}

/// Whether two values mean the same: as values, not as bytes (`1.50` is `1.5`, a composed letter is the
/// decomposed one), each read in the other's type where they differ.
pub fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Null, other) | (other, Value::Null) => other.is_null(),
        (Value::Text(left), Value::Text(right)) => left == right || composed(left) == composed(right),
        (Value::Decimal(_), Value::Decimal(_)) => keys::canonical(left) == keys::canonical(right),
        _ if FieldType::of(left) == FieldType::of(right) => left == right,
        _ => in_type_of(right, left).is_some_and(|right| left == &right),
    }
}

fn in_type_of(value: &Value, other: &Value) -> Option<Value> {
    coerce(value, FieldType::of(other)?)
}

fn composed(text: &str) -> Cow<'_, str> {
    habeas_domain::KeyValue::new(text).map_or(Cow::Borrowed(text), |key| Cow::Owned(key.as_str().to_owned()))
}
