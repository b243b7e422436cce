//! Counting the answer to single rights.

use chrono::NaiveDate;

use super::{Calendar, Period, Reading};
use crate::{
    Bilingual, Right,
    regime::{Extension, Regime},
};

/// The last day for the answer to one right, with how it came about.
pub(super) struct Answer {
    /// The period, extension included.
    pub(super) periods: Vec<Period>,
    /// The articles of those periods.
    pub(super) sources: Vec<Bilingual>,
    /// The day the clock started.
    pub(super) counted_from: NaiveDate,
    /// The last day before rolling.
    pub(super) ends_on: NaiveDate,
    /// The last day.
    pub(super) due_on: NaiveDate,
    /// The last day in the cautious reading.
    pub(super) alert_on: NaiveDate,
}

impl Answer {
    /// The right of `rights` that is due first, and the earliest day for an alert. Without any right, or for one that
    /// the regime does not offer, its usual period counts.
    pub(super) fn earliest(
        regime: &Regime,
        calendar: &Calendar,
        rights: &[Right],
        start: NaiveDate,
        extended: bool,
    ) -> (Self, NaiveDate) {
        let usual = || Self::count(regime, calendar, None, start, extended);
        let mut first: Option<Self> = None;
        let mut alert_on = NaiveDate::MAX;
        for right in rights {
            let answer = Self::count(regime, calendar, Some(*right), start, extended);
            alert_on = alert_on.min(answer.alert_on);
            if first.as_ref().is_none_or(|earlier| answer.due_on < earlier.due_on) {
                first = Some(answer);
            }
        }
        let first = first.unwrap_or_else(usual);
        let alert_on = alert_on.min(first.alert_on);
        (first, alert_on)
    }

    fn count(
        regime: &Regime,
        calendar: &Calendar,
        right: Option<Right>,
        start: NaiveDate,
        extended: bool,
    ) -> Self {
        let rule = right.and_then(|right| regime.right(right));
        let respond = rule.and_then(|rule| rule.respond.as_ref()).unwrap_or(&regime.timing.respond);
        let extension = regime.timing.extension.as_ref();
        let extension = extension.filter(|_| extended && rule.is_none_or(|rule| rule.extendable));
        let more = extension.map(|extension| extension.value);
        let likely = Reading::likely(regime, calendar);
        let ends_on = likely.last_day(respond.value, more, start);
        let due_on = likely.roll(ends_on);
        let alert_on = Reading::cautious(regime, calendar).earliest(respond.value, more, start).min(due_on);
        Self {
            periods: std::iter::once(respond.value).chain(more).collect(),
            sources: std::iter::once(respond.cited()).chain(extension.map(Extension::cited)).collect(),
            counted_from: start,
            ends_on,
            due_on,
            alert_on,
        }
    }
}
