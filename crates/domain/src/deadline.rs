//! Deadlines: by when a request must be answered, and why that day. Counting follows Regulation (EEC, Euratom)
//! 1182/71 where a regime does not say otherwise. Where a law is open to two readings, the request is due on the
//! later day and the alarm is on the earlier one.

mod answer;
mod basis;
mod calendar;
mod calendars;
mod day;
mod period;
mod reading;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

pub use calendar::{Calendar, CalendarId, Holiday, MalformedCalendarId};
pub use calendars::{Calendars, UnknownCalendar};
pub use period::{MalformedPeriod, Period};

use crate::{
    Bilingual, Right,
    regime::{ClockStart, Regime},
};
use answer::Answer;
use reading::Reading;

/// By when a request must be answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// The day the clock started, in the regime's time zone.
    pub counted_from: NaiveDate,
    /// The last day for the answer, in the regime's time zone.
    pub due_on: NaiveDate,
    /// The last second of that day.
    pub due_at: DateTime<Utc>,
    /// The day to be done by if the law is read against us; never after `due_on`.
    pub alert_on: NaiveDate,
    /// The last second of that day.
    pub alert_at: DateTime<Utc>,
    /// The last day to confirm receipt, where the regime asks for it.
    pub acknowledge_by: Option<NaiveDate>,
    /// The last second of that day.
    pub acknowledge_at: Option<DateTime<Utc>>,
    /// The last day to tell the person of an extension, where the regime has one and it is not used yet.
    pub extend_by: Option<NaiveDate>,
    /// Whether the extension is used.
    pub extended: bool,
    /// How it was counted, for staff. Holds no personal data.
    pub basis: Bilingual,
}

/// Why a deadline cannot be extended. Retrying never helps.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExtensionRefused {
    /// The regime has no extension for what was asked.
    #[error("{0} has no extension for these rights")]
    NotOffered(crate::regime::RegimeId),
    /// It was extended before.
    #[error("the deadline was extended already; it can be extended once")]
    AlreadyExtended,
    /// The person can no longer be told in time.
    #[error("the person had to be told of an extension by {0}; it is too late")]
    TooLate(NaiveDate),
}

impl Deadline {
    /// A deadline that no law counts: `due_at` is all there is, nothing has to be confirmed before it, and nothing extends
    /// it. Its days are those in UTC.
    pub fn fixed(from: DateTime<Utc>, due_at: DateTime<Utc>, basis: Bilingual) -> Self {
        let due_on = due_at.date_naive();
        Self {
            counted_from: from.date_naive(),
            due_on,
            due_at,
            alert_on: due_on,
            alert_at: due_at,
            acknowledge_by: None,
            acknowledge_at: None,
            extend_by: None,
            extended: false,
            basis,
        }
    }

    /// Counts the deadline of a request for `rights` that arrived at `received_at`. Of several rights the earliest
    /// day counts. Where identity starts the clock and is not proven yet, it is counted from receipt.
    pub fn compute(
        regime: &Regime,
        calendar: &Calendar,
        rights: &[Right],
        received_at: DateTime<Utc>,
        verified_at: Option<DateTime<Utc>>,
    ) -> Self {
        let received_on = day::local(received_at, regime.time_zone);
        let counted_from = day::local(clock_start(regime, received_at, verified_at), regime.time_zone);
        let likely = Reading::likely(regime, calendar);
        let acknowledge = regime.timing.acknowledge.as_ref();
        let acknowledge_by =
            acknowledge.map(|rule| Reading::certain_days(regime, calendar).end(rule.value, received_on));
        let extension = regime.timing.extension.as_ref().filter(|_| is_extendable(regime, rights));
        let mut deadline = Self::from_answer(regime, calendar, rights, counted_from, false);
        deadline.acknowledge_by = acknowledge_by;
        deadline.acknowledge_at = acknowledge_by.map(|last| day::end(last, regime.time_zone));
        deadline.extend_by = extension.map(|rule| likely.end(rule.notice, counted_from));
        if verified_at.is_none() && regime.timing.starts.value == ClockStart::ReceiptAndIdentity {
            basis::add_identity_open(&mut deadline.basis);
        }
        deadline
    }

    /// The deadline with the regime's extension, decided at `at`. The person must be told by `extend_by`.
    pub fn extend(
        &self,
        regime: &Regime,
        calendar: &Calendar,
        rights: &[Right],
        at: DateTime<Utc>,
    ) -> Result<Self, ExtensionRefused> {
        if self.extended {
            return Err(ExtensionRefused::AlreadyExtended);
        }
        let Some(extend_by) = self.extend_by else {
            return Err(ExtensionRefused::NotOffered(regime.id.clone()));
        };
        if day::local(at, regime.time_zone) > extend_by {
            return Err(ExtensionRefused::TooLate(extend_by));
        }
        let longer = Self::from_answer(regime, calendar, rights, self.counted_from, true);
        if longer.due_on <= self.due_on {
            return Err(ExtensionRefused::NotOffered(regime.id.clone()));
        }
        Ok(Self { acknowledge_by: self.acknowledge_by, acknowledge_at: self.acknowledge_at, ..longer })
    }

    /// The deadline of a request about a child: the law's own period for children where that ends sooner.
    #[must_use]
    pub fn for_child(self, regime: &Regime, calendar: &Calendar) -> Self {
        let rule = &regime.child.within;
        let due_on = Reading::likely(regime, calendar).end(rule.value, self.counted_from);
        if due_on >= self.due_on {
            return self;
        }
        let mut basis = self.basis;
        basis::add_child(&mut basis, rule, due_on);
        let alert_on = self.alert_on.min(due_on);
        Self {
            due_on,
            due_at: day::end(due_on, regime.time_zone),
            alert_on,
            alert_at: day::end(alert_on, regime.time_zone),
            basis,
            ..self
        }
    }

    fn from_answer(
        regime: &Regime,
        calendar: &Calendar,
        rights: &[Right],
        counted_from: NaiveDate,
        extended: bool,
    ) -> Self {
        let (answer, alert_on) = Answer::earliest(regime, calendar, rights, counted_from, extended);
        Self {
            counted_from,
            due_on: answer.due_on,
            due_at: day::end(answer.due_on, regime.time_zone),
            alert_on,
            alert_at: day::end(alert_on, regime.time_zone),
            acknowledge_by: None,
            acknowledge_at: None,
            extend_by: None,
            extended,
            basis: basis::of(&answer, alert_on, regime, calendar),
        }
    }
}

fn clock_start(
    regime: &Regime,
    received_at: DateTime<Utc>,
    verified_at: Option<DateTime<Utc>>,
) -> DateTime<Utc> {
    match regime.timing.starts.value {
        ClockStart::Receipt => received_at,
        ClockStart::ReceiptAndIdentity => verified_at.map_or(received_at, |proven| proven.max(received_at)),
    }
}

/// Whether every right asked for can be extended: the earliest day rules, so one that cannot holds all.
fn is_extendable(regime: &Regime, rights: &[Right]) -> bool {
    rights.iter().all(|right| regime.right(*right).is_none_or(|rule| rule.extendable))
}
