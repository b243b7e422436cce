//! Values made so coarse that they tell nobody apart.

use chrono::{Datelike, NaiveDate, NaiveTime};
use habeas_domain::Value;

/// What any text becomes.
pub(super) const WORD: &str = "anonymised";

/// Dates and moments become the start of their year (UTC), numbers 0, text a fixed word, the rest its emptiest value.
pub(super) fn coarse(value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::Bool(_) => Value::Bool(false),
        Value::Int(_) => Value::Int(0),
        Value::Float(_) => Value::Float(0.0),
        Value::Decimal(_) => Value::Decimal("0".to_owned()),
        Value::Text(_) => Value::Text(WORD.to_owned()),
        Value::Bytes(_) => Value::Bytes(Vec::new()),
        Value::Date(date) => Value::Date(new_year(*date)),
        Value::Time(_) => Value::Time(NaiveTime::MIN),
        Value::DateTime(time) => Value::DateTime(new_year(time.date()).and_time(NaiveTime::MIN)),
        Value::Timestamp(time) => {
            Value::Timestamp(new_year(time.date_naive()).and_time(NaiveTime::MIN).and_utc())
        }
        Value::Uuid(_) => Value::Uuid(uuid::Uuid::nil()),
        Value::Json(_) => Value::Json(serde_json::json!({})),
    }
}

fn new_year(date: NaiveDate) -> NaiveDate {
    NaiveDate::from_yo_opt(date.year(), 1).unwrap_or(date)
}
