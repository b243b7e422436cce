//! Days, moments and sizes the way people write them.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc, Weekday};
use chrono_tz::Tz;
use habeas_domain::Language;

/// A day: `Monday 21 December 2026`, `2026年12月21日（月）`.
pub(crate) fn day(day: NaiveDate, language: Language) -> String {
    match language {
        Language::En => day.format("%A %-d %B %Y").to_string(),
        Language::Ja => format!("{}（{}）", day.format("%Y年%-m月%-d日"), weekday(day.weekday())),
    }
}

/// A moment with its zone. Seconds are dropped, so that nobody is promised more time than there is.
pub(crate) fn moment(moment: DateTime<Utc>, zone: Tz, language: Language) -> String {
    let local = moment.with_timezone(&zone);
    let date = day(local.date_naive(), language);
    let name = local.format("%Z").to_string();
    let name = if name.starts_with(['+', '-']) { format!("UTC{name}") } else { name };
    match language {
        Language::En => format!("{date}, {} ({name})", local.format("%H:%M")),
        Language::Ja if zone == Tz::Asia__Tokyo => format!("{date}{}（日本時間）", local.format("%-H:%M")),
        Language::Ja => format!("{date}{}（{name}）", local.format("%-H:%M")),
    }
}

/// A size in decimal units, rounded up: `2.4 MB`, with a space that does not break.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "KB")];
    for (unit, name) in UNITS {
        if bytes >= unit {
            let tenths = bytes.div_ceil(unit / 10);
            return format!("{}.{}\u{a0}{name}", tenths / 10, tenths % 10);
        }
    }
    "1\u{a0}KB".to_owned()
}

const fn weekday(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Mon => "月",
        Weekday::Tue => "火",
        Weekday::Wed => "水",
        Weekday::Thu => "木",
        Weekday::Fri => "金",
        Weekday::Sat => "土",
        Weekday::Sun => "日",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_can_read_them() {
        let at: DateTime<Utc> = "2026-12-21T00:05:59Z".parse().unwrap();
        assert_eq!(moment(at, Tz::Asia__Tokyo, Language::Ja), "2026年12月21日（月）9:05（日本時間）");
        assert_eq!(moment(at, Tz::Europe__Berlin, Language::En), "Monday 21 December 2026, 01:05 (CET)");
        assert_eq!(moment(at, Tz::America__Sao_Paulo, Language::Ja), "2026年12月20日（日）21:05（UTC-03）");
        for (bytes, text) in
            [(0, "1 KB"), (1_000, "1.0 KB"), (2_340_001, "2.4 MB"), (5_000_000_000, "5.0 GB")]
        {
            assert_eq!(size(bytes).replace('\u{a0}', " "), text);
        }
    }
}
