//! Values that are typed, told with what can be typed where they cannot be read.

use chrono::{DateTime, NaiveDate, Utc};

/// One of the words of a type.
pub(crate) fn word<T: Copy + std::fmt::Display>(text: &str, all: &[T]) -> Result<T, String> {
    let found = all.iter().copied().find(|word| word.to_string() == text);
    let words: Vec<String> = all.iter().map(ToString::to_string).collect();
    found.ok_or_else(|| format!("use one of: {}", words.join(", ")))
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
        assert_eq!(word("b", &["a", "b"]), Ok("b"));
        assert_eq!(word("c", &["a", "b"]).unwrap_err(), "use one of: a, b");
        assert_eq!(day("2026-04-01").unwrap().to_string(), "2026-04-01");
        assert!(day("tomorrow").unwrap_err().contains("such as 2026-04-01"));
        let (utc, tokyo) = (moment("2026-04-01T09:00:00Z"), moment("2026-04-01T18:00:00+09:00"));
        assert!(utc.is_ok() && utc == tokyo);
        for text in ["yesterday", "2026-04-01", "2026-04-01T09:00:00"] {
            assert!(moment(text).unwrap_err().contains("such as 2026-04-01T09:00:00Z"), "{text}");
        }
    }
}
