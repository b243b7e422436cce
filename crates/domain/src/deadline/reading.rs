//! The ways in which a regime's rules of counting can be read.

use chrono::NaiveDate;

use super::{Calendar, Period};
use crate::regime::{Confidence, FirstDay, Regime};

/// One way to count.
pub(super) struct Reading {
    first_day_counts: bool,
    rolls: bool,
    calendar: Calendar,
}

impl Reading {
    /// The likely reading of the law: what is due.
    pub(super) fn likely(regime: &Regime, calendar: &Calendar) -> Self {
        Self {
            first_day_counts: regime.timing.first_day.value == FirstDay::Included,
            rolls: regime.timing.rolls.value,
            calendar: calendar.clone(),
        }
    }

    /// The reading that ends earliest: what to be done by. Doubtful holidays are open, doubtful rolling does not
    /// happen, a disputed first day counts.
    pub(super) fn cautious(regime: &Regime, calendar: &Calendar) -> Self {
        let rolls = &regime.timing.rolls;
        Self {
            first_day_counts: regime.timing.first_day.value != FirstDay::Excluded,
            rolls: rolls.value && rolls.confidence != Confidence::Unsure,
            ..Self::certain_days(regime, calendar)
        }
    }

    /// The likely reading on days that are surely closed.
    pub(super) fn certain_days(regime: &Regime, calendar: &Calendar) -> Self {
        let doubtful =
            regime.timing.calendar.as_ref().is_some_and(|named| named.confidence == Confidence::Unsure);
        let certain = if doubtful { calendar.without_holidays() } else { calendar.certain() };
        Self::likely(regime, &certain)
    }

    /// The last day of `period` as the law first gives it, before any rolling.
    fn unrolled(&self, period: Period, start: NaiveDate) -> NaiveDate {
        if self.first_day_counts {
            period.beginning_with(start, &self.calendar)
        } else {
            period.after(start, &self.calendar)
        }
    }

    /// The last day of `period`.
    pub(super) fn end(&self, period: Period, start: NaiveDate) -> NaiveDate {
        self.roll(self.unrolled(period, start))
    }

    /// The last day of `first` and, where given, `more`, counted together from `start`, before any rolling.
    pub(super) fn last_day(&self, first: Period, more: Option<Period>, start: NaiveDate) -> NaiveDate {
        match more.map(|more| (first.and(more), more)) {
            None => self.unrolled(first, start),
            Some((Some(both), _)) => self.unrolled(both, start),
            Some((None, more)) => self.stacked(first, more, start),
        }
    }

    /// The earlier of counting both periods together and counting one behind the other, rolled.
    pub(super) fn earliest(&self, first: Period, more: Option<Period>, start: NaiveDate) -> NaiveDate {
        let together = self.last_day(first, more, start);
        self.roll(more.map_or(together, |more| together.min(self.stacked(first, more, start))))
    }

    fn stacked(&self, first: Period, more: Period, start: NaiveDate) -> NaiveDate {
        more.after(self.unrolled(first, start), &self.calendar)
    }

    /// That day, or the next open one if this reading rolls.
    pub(super) fn roll(&self, day: NaiveDate) -> NaiveDate {
        if self.rolls { self.calendar.next_open(day) } else { day }
    }
}
