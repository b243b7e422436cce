//! Days and moments the way people write them.

use chrono::{DateTime, Datelike as _, NaiveDate, Timelike as _, Utc, Weekday};
use chrono_tz::Tz;

use crate::Language;

/// A day: `Monday 21 December 2026`, `2026年12月21日（月）`.
pub fn day(day: NaiveDate, language: Language) -> String {
    match language {
        Language::En => day.format("%A %-d %B %Y").to_string(),
        Language::Ja => format!("{}（{}）", day.format("%Y年%-m月%-d日"), weekday(day.weekday())),
    }
}

/// A moment in a time zone, which is named: `Monday 21 December 2026, 09:05 (JST)`, `2026年12月21日（月）9:05（日本時間）`.
/// Seconds are dropped, so that nobody is promised more time than there is.
pub fn moment(moment: DateTime<Utc>, zone: Tz, language: Language) -> String {
    let local = moment.with_timezone(&zone);
    let date = day(local.date_naive(), language);
    match language {
        Language::En => format!("{date}, {} ({})", local.format("%H:%M"), zone_name(&local)),
        Language::Ja if zone == Tz::Asia__Tokyo => format!("{date}{}（日本時間）", clock(&local)),
        Language::Ja => format!("{date}{}（{}）", clock(&local), zone_name(&local)),
    }
}

/// The day of a moment in a time zone.
pub fn day_of(moment: DateTime<Utc>, zone: Tz, language: Language) -> String {
    day(moment.with_timezone(&zone).date_naive(), language)
}

fn clock(local: &DateTime<Tz>) -> String {
    format!("{}:{:02}", local.hour(), local.minute())
}

/// `JST`, `GMT`; `UTC+03` where the zone has no letters of its own.
fn zone_name(local: &DateTime<Tz>) -> String {
    let name = local.format("%Z").to_string();
    if name.starts_with(['+', '-']) { format!("UTC{name}") } else { name }
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
    fn days_read_naturally() {
        let monday = NaiveDate::from_ymd_opt(2026, 12, 21).expect("it is a date");
        assert_eq!(day(monday, Language::En), "Monday 21 December 2026");
        assert_eq!(day(monday, Language::Ja), "2026年12月21日（月）");
    }

    #[test]
    fn moments_name_their_zone() {
        let at: DateTime<Utc> = "2026-06-30T23:05:59Z".parse().expect("it is a date");
        assert_eq!(moment(at, Tz::Asia__Tokyo, Language::Ja), "2026年7月1日（水）8:05（日本時間）");
        assert_eq!(moment(at, Tz::Europe__London, Language::Ja), "2026年7月1日（水）0:05（BST）");
        assert_eq!(moment(at, Tz::Europe__London, Language::En), "Wednesday 1 July 2026, 00:05 (BST)");
        assert_eq!(moment(at, Tz::America__Sao_Paulo, Language::En), "Tuesday 30 June 2026, 20:05 (UTC-03)");
        assert_eq!(day_of(at, Tz::America__Los_Angeles, Language::En), "Tuesday 30 June 2026");
    }
}
