//! Which of a person's rows a change is about: retention keeps some of them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use habeas_domain::{FieldName, Value};

/// A condition on a date field. A date that is missing or cannot be read counts as *not before*: such a row is
/// kept, because nobody can show that its retention is over. A time without a zone counts as UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowCondition {
    /// Rows whose date lies before that moment.
    Before {
        /// The date field.
        field: FieldName,
        /// The moment.
        at: DateTime<Utc>,
    },
    /// All other rows.
    NotBefore {
        /// The date field.
        field: FieldName,
        /// The moment.
        at: DateTime<Utc>,
    },
}

impl RowCondition {
    /// The field that it looks at.
    pub const fn field(&self) -> &FieldName {
        match self {
            Self::Before { field, .. } | Self::NotBefore { field, .. } => field,
        }
    }

    /// Whether a row with this value in the field is meant.
    pub fn admits(&self, value: &Value) -> bool {
        let before = |at: &DateTime<Utc>| moment(value).is_some_and(|moment| moment < *at);
        match self {
            Self::Before { at, .. } => before(at),
            Self::NotBefore { at, .. } => !before(at),
        }
    }
}

/// The moment that a value means: dates begin at midnight UTC, text is ISO 8601, whole numbers are Unix seconds.
pub fn moment(value: &Value) -> Option<DateTime<Utc>> {
    match value {
        Value::Date(date) => Some(date.and_time(NaiveTime::MIN).and_utc()),
        Value::DateTime(time) => Some(time.and_utc()),
        Value::Timestamp(time) => Some(*time),
        Value::Int(seconds) => DateTime::from_timestamp(*seconds, 0),
        Value::Text(text) => parse_moment(text),
        _ => None,
    }
}

fn parse_moment(text: &str) -> Option<DateTime<Utc>> {
    let zoned = || DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc());
    let local = || {
        let formats = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"];
        formats
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
            .map(|t| t.and_utc())
    };
    let date = || {
        NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(|date| date.and_time(NaiveTime::MIN).and_utc())
    };
    zoned().or_else(local).or_else(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn before_2020() -> RowCondition {
        let at = parse_moment("2020-01-01").unwrap();
        RowCondition::Before { field: FieldName::new("placed_at").unwrap(), at }
    }

    #[test]
    fn dates_are_compared_in_utc_whatever_their_type() {
        let texts =
            ["2019-12-31", "2019-12-31 23:59:59.9", "2019-12-31T23:59:59", "2020-01-01T08:59:59+09:00"];
        for text in texts {
            assert!(before_2020().admits(&Value::Text(text.to_owned())), "{text}");
        }
        assert!(before_2020().admits(&Value::Int(1_577_836_799)));
        assert!(!before_2020().admits(&Value::Int(1_577_836_800)));
        assert!(!before_2020().admits(&Value::Date(NaiveDate::from_ymd_opt(2020, 1, 1).unwrap())));
    }

    #[test]
    fn what_has_no_date_is_kept() {
        let RowCondition::Before { field, at } = before_2020() else { unreachable!() };
        for value in [Value::Null, Value::Text("soon".to_owned()), Value::Bool(true)] {
            assert!(!before_2020().admits(&value));
            assert!(RowCondition::NotBefore { field: field.clone(), at }.admits(&value));
        }
    }
}
