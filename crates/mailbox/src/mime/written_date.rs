//! Dates as people and mail programs write them above what they pass on: no form of RFC 5322, and mostly without a zone.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeZone as _, Utc};
use unicode_normalization::UnicodeNormalization as _;

/// The longest text that is looked at, in characters.
const LONGEST: usize = 80;

/// The first year of each era less one.
const ERAS: [(&str, i32); 3] = [("令和", 2018), ("平成", 1988), ("昭和", 1925)];

/// A date with a time: `2024年3月1日(金) 午後3:04`, `令和6年3月1日 12時34分`, `2024/03/01 (金) 12:34`, `2024-03-01 12:34:56`.
/// One that is written in Japanese is meant in Japanese time; another without a zone in universal time. Without a time it
/// is midnight.
pub(crate) fn written_date(text: &str) -> Option<DateTime<Utc>> {
    let plain: String = text.nfkc().take(LONGEST).collect();
    let (year, rest) = year(plain.trim())?;
    let (month, rest) = number(rest)?;
    let rest = rest.trim_start_matches(['月', '/', '-', '.', ' ']);
    let (day, rest) = number(rest)?;
    let date = NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)?;
    let local = date.and_time(time(rest).unwrap_or_default());
    let offset = FixedOffset::east_opt(if is_japanese(&plain) { 9 * 3_600 } else { 0 })?;
    offset.from_local_datetime(&local).single().map(|at| at.with_timezone(&Utc))
}

fn is_japanese(text: &str) -> bool {
    text.contains(['年', '午', '月', '火', '水', '木', '金', '土', '日']) || text.contains("JST")
}

/// The year, of an era or not, and what follows it.
fn year(text: &str) -> Option<(i32, &str)> {
    for (era, before) in ERAS {
        if let Some(rest) = text.strip_prefix(era) {
            if let Some(rest) = rest.strip_prefix("元年") {
                return Some((before + 1, rest));
            }
            let (of_era, rest) = number(rest)?;
            return Some((before.checked_add(of_era)?, rest.strip_prefix('年')?));
        }
    }
    let (year, rest) = number(text)?;
    let rest = rest.strip_prefix(['年', '/', '-', '.'])?;
    (1970..=9999).contains(&year).then_some((year, rest))
}

/// A number at the beginning, and what follows it.
fn number(text: &str) -> Option<(i32, &str)> {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    (digits.len() <= 4).then(|| digits.parse().ok()).flatten().map(|number| (number, rest))
}

/// The first time of day in a text.
fn time(text: &str) -> Option<NaiveTime> {
    let at = text.find([':', '時'])?;
    let before = text.get(..at)?;
    let digits = before.len() - before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (mut hour, _) = number(before.get(before.len() - digits..)?)?;
    let after = text.get(at..)?.trim_start_matches([':', '時']);
    let (minute, rest) = number(after).unwrap_or((0, after));
    let second = rest.strip_prefix([':', '分']).and_then(number).map_or(0, |(second, _)| second);
    let late = text.contains("午後") || text.to_lowercase().contains("pm");
    let early = text.contains("午前") || text.to_lowercase().contains("am");
    if (late || early) && hour == 12 {
        hour = 0;
    }
    if late {
        hour += 12;
    }
    let part = |number: i32| u32::try_from(number).ok();
    NaiveTime::from_hms_opt(part(hour)?, part(minute)?, part(second)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_usual_ways_to_write_a_date_are_read() {
        for (text, date) in [
            ("2024年3月1日 12:34", "2024-03-01T03:34:00Z"),
            ("2024年3月1日(金) 午後3:04", "2024-03-01T06:04:00Z"),
            ("２０２４年３月１日（金曜日）　午前0:05:06", "2024-02-29T15:05:06Z"),
            ("令和6年3月1日 12時34分", "2024-03-01T03:34:00Z"),
            ("令和元年12月31日", "2019-12-30T15:00:00Z"),
            ("平成31年4月30日 23:59:59", "2019-04-30T14:59:59Z"),
            ("2024/03/01 (金) 12:34", "2024-03-01T03:34:00Z"),
            ("2024/3/1 12:34:56", "2024-03-01T12:34:56Z"),
            ("2024-03-01 12:34", "2024-03-01T12:34:00Z"),
            ("2024.3.1 12:05 PM", "2024-03-01T12:05:00Z"),
            ("2024年3月1日 午後12:10", "2024-03-01T03:10:00Z"),
        ] {
            assert_eq!(
                written_date(text).map(|at| at.to_rfc3339()),
                Some(date.replace('Z', "+00:00")),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "昨日",
            "2024年13月1日",
            "2024年2月30日",
            "令和",
            "12:34",
            "1/2/3",
            "99999年1月1日",
            "03/01/2024",
        ] {
            assert_eq!(written_date(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "\\PC{0,60}") {
            let _ = written_date(&text);
        }

        #[test]
        fn texts_like_dates_are_read_without_a_panic(text in "[0-9年月日時分:/. 令和元午後前]{0,30}") {
            let _ = written_date(&text);
        }
    }
}
