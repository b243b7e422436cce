//! By when a mail that waits for staff has to be answered, if it turns out to be a request: nobody knows yet under which law,
//! so the shortest period of those that may apply counts.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use habeas_domain::{
    RegimeId, Right,
    deadline::{Calendar, Deadline},
    regime::Regime,
};

use crate::{OtherRight, Understanding};

/// How long there is where no law is known: as long as the shortest of the usual ones (GDPR art. 12(3)), less the days by
/// which months differ.
const UNKNOWN: TimeDelta = TimeDelta::days(28);

/// The laws that may apply to a mail, each with its holidays.
#[derive(Debug, Clone, Default)]
pub struct Laws(Arc<[(Regime, Calendar)]>);

impl Laws {
    /// These laws.
    pub fn new(laws: impl IntoIterator<Item = (Regime, Calendar)>) -> Self {
        Self(laws.into_iter().collect())
    }

    /// The first of the law's dates for an answer to one of these rights: under the law that is named, if it is one of
    /// these, or else under any of them.
    pub(super) fn shortest(
        &self,
        rights: &[Right],
        named: Option<&RegimeId>,
        received_at: DateTime<Utc>,
    ) -> DateTime<Utc> {
        let knows = named.is_some_and(|named| self.0.iter().any(|(law, _)| law.id == *named));
        let may_apply = self.0.iter().filter(|(law, _)| !knows || named == Some(&law.id));
        may_apply
            .map(|(law, calendar)| first_date(&Deadline::compute(law, calendar, rights, received_at, None)))
            .min()
            .unwrap_or(received_at + UNKNOWN)
    }
}

/// The end of the first day that the law sets, read at its strictest: to answer, or to confirm the receipt.
fn first_date(deadline: &Deadline) -> DateTime<Utc> {
    deadline.acknowledge_at.map_or(deadline.alert_at, |acknowledge| acknowledge.min(deadline.alert_at))
}

/// The end of the last day for an answer to a mail. Where it asks for no right that the rules know, for any.
pub(super) fn due_at(mail: &Understanding, received_at: DateTime<Utc>, laws: &Laws) -> DateTime<Utc> {
    let rights: Vec<Right> = mail.rights.iter().map(|found| found.right).collect();
    let rights = if rights.is_empty() { Right::ALL.as_slice() } else { rights.as_slice() };
    let due = laws.shortest(rights, mail.regime.as_ref(), received_at);
    let sooner = mail.others.iter().filter_map(|other| within(other.right)).min();
    sooner.map_or(due, |within| due.min(received_at + within))
}

/// How long there is for a right that no job fulfils, where that is shorter than a law's own period: lists for direct
/// marketing are cleared within 3 days, as the published notice promises.
fn within(right: OtherRight) -> Option<TimeDelta> {
    matches!(right, OtherRight::MarketingOptOut).then(|| TimeDelta::days(3))
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;
    use habeas_domain::{Regimes, deadline::Calendars};

    use super::*;
    use crate::{Reader, ReaderOptions, understand};

    fn laws() -> Laws {
        let (regimes, calendars) =
            (Regimes::builtin().expect("laws"), Calendars::builtin().expect("holidays"));
        Laws::new(regimes.iter().map(|law| (law.clone(), calendars.of(law).expect("a calendar"))))
    }

    fn days(text: &str, laws: &Laws) -> i64 {
        let received_at = Utc.with_ymd_and_hms(2025, 3, 3, 9, 0, 0).single().expect("a moment");
        let reader = Reader::new(ReaderOptions::default()).expect("a reader");
        let raw = format!("From: ann@example.com\n\n{text}\n");
        (due_at(&understand(raw.as_bytes(), &reader), received_at, laws) - received_at).num_days()
    }

    #[test]
    fn the_shortest_period_that_may_apply_counts() {
        let laws = laws();
        let named = days("Under the GDPR, please send me a copy of my data.", &laws);
        assert!((28..=32).contains(&named), "one month: {named}");
        let any = days("Could you tell me about the information on file?", &laws);
        assert!(any <= named, "{any} days, and a law that is named gives {named}");
        assert!(any >= 10, "{any}");
    }

    #[test]
    fn an_end_to_advertising_has_three_days() {
        let asked = "Please unsubscribe me from your newsletter. Then send me a copy of my data.";
        assert_eq!(days(asked, &laws()), 3);
    }

    #[test]
    fn without_a_law_there_are_four_weeks() {
        assert_eq!(days("Please send me a copy of my data.", &Laws::default()), 28);
    }
}
