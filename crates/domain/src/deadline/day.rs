//! Days in a time zone.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

/// The day that `moment` falls on in `zone`.
pub(super) fn local(moment: DateTime<Utc>, zone: Tz) -> NaiveDate {
    moment.with_timezone(&zone).date_naive()
}

/// The last second of `day` in `zone`. A day that the zone skipped ends by UTC.
pub(super) fn end(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let last = day.and_time(NaiveTime::from_hms_opt(23, 59, 59).unwrap_or(NaiveTime::MIN));
    zone.from_local_datetime(&last).latest().map_or_else(|| last.and_utc(), |end| end.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn a_day_ends_by_the_zone_and_its_summer_time() {
        let tokyo = end(date("2026-11-20"), chrono_tz::Asia::Tokyo);
        assert_eq!(tokyo.to_rfc3339(), "2026-11-20T14:59:59+00:00");
        let summer = end(date("2026-07-01"), chrono_tz::Europe::London);
        assert_eq!(summer.to_rfc3339(), "2026-07-01T22:59:59+00:00");
    }

    #[test]
    fn a_skipped_day_still_ends() {
        let skipped = end(date("2011-12-30"), chrono_tz::Pacific::Apia);
        assert_eq!(skipped.to_rfc3339(), "2011-12-30T23:59:59+00:00");
    }
}
