//! Dates and numbers as each language writes them.

use chrono::{DateTime, NaiveDate, Utc};
use habeas_domain::Bilingual;

/// A moment, to the minute.
pub(super) fn moment(moment: DateTime<Utc>) -> Bilingual {
    Bilingual {
        en: moment.format("%-d %B %Y, %H:%M UTC").to_string(),
        ja: moment.format("%Y年%-m月%-d日 %H:%M（UTC）").to_string(),
    }
}

/// A day.
pub(super) fn day(day: NaiveDate) -> Bilingual {
    Bilingual { en: day.format("%-d %B %Y").to_string(), ja: day.format("%Y年%-m月%-d日").to_string() }
}

/// A number with a comma after every third digit.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
    }
}
