//! How long a deletion waits after its warning.

use chrono::{DateTime, TimeDelta, Utc};

/// How much of the time before the due date is left to the deletion itself.
const LEFT_TO_DELETE: TimeDelta = TimeDelta::hours(24);
/// What no due date may take from the person: a warning that cannot be read in time is none.
const LEAST: TimeDelta = TimeDelta::hours(24);

/// When the grace of a warning that went out at `now` is over. It is shortened so that a day is left before the due
/// date, but never to less than a day; what then goes past the due date is for the caller to report.
pub fn grace_end(now: DateTime<Utc>, grace: TimeDelta, due_at: DateTime<Utc>) -> DateTime<Utc> {
    let whole = later(now, grace);
    let in_time = due_at.checked_sub_signed(LEFT_TO_DELETE).unwrap_or(due_at);
    let least = later(now, Ord::min(grace, LEAST));
    Ord::max(least, Ord::min(whole, in_time))
}

fn later(now: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    now.checked_add_signed(by).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(grace: i64, due: i64) -> i64 {
        let now = DateTime::UNIX_EPOCH;
        (grace_end(now, TimeDelta::hours(grace), now + TimeDelta::hours(due)) - now).num_hours()
    }

    #[test]
    fn the_due_date_shortens_a_grace_but_not_below_a_day() {
        assert_eq!(end(72, 700), 72, "far from due");
        assert_eq!(end(72, 96), 72, "just in time");
        assert_eq!(end(72, 60), 36, "a day is left to delete");
        assert_eq!(end(72, 48), 24);
        assert_eq!(end(72, 1), 24, "goes past the due date, and is reported");
        assert_eq!(end(72, -100), 24);
        assert_eq!(end(6, 1), 6, "a short grace stays as it is");
        assert_eq!(end(0, 1), 0);
    }
}
