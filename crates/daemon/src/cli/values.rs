//! Values that are typed, told with what can be typed where they cannot be read.

use chrono::{DateTime, NaiveDate, Utc};
use clap::builder::{PossibleValuesParser, TypedValueParser};

/// One of the words of a type. The help lists them all.
pub(crate) fn words<T: Copy + Send + Sync + 'static>(
    all: &'static [T],
    as_str: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    let parser = PossibleValuesParser::new(all.iter().copied().map(as_str));
    parser.try_map(move |typed| {
        all.iter().copied().find(|word| as_str(*word) == typed).ok_or("there is no such word")
    })
}

/// A day.
pub(crate) fn day(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| "write a day that exists as YYYY-MM-DD, such as 2026-04-01".to_owned())
}

/// A moment.
pub(crate) fn moment(text: &str) -> Result<DateTime<Utc>, String> {
    let read = DateTime::parse_from_rfc3339(text).map(|moment| moment.to_utc());
    read.map_err(|_| {
        "write a moment with its offset, such as 2026-04-01T09:00:00Z or 2026-04-01T18:00:00+09:00".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_told_with_what_can() {
        assert_eq!(day("2026-04-01").unwrap().to_string(), "2026-04-01");
        assert!(day("tomorrow").unwrap_err().contains("such as 2026-04-01"));
        let (utc, tokyo) = (moment("2026-04-01T09:00:00Z"), moment("2026-04-01T18:00:00+09:00"));
        assert!(utc.is_ok() && utc == tokyo);
        for text in ["yesterday", "2026-04-01", "2026-04-01T09:00:00"] {
            assert!(moment(text).unwrap_err().contains("such as 2026-04-01T09:00:00Z"), "{text}");
        }
    }
}
