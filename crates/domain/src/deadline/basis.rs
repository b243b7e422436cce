//! How a deadline was counted, in a sentence or two for staff.

use chrono::{Datelike, NaiveDate};

use super::{Calendar, answer::Answer};
use crate::regime::{ClockStart, FirstDay, Regime};

/// Added while identity, which starts the clock, is not proven.
pub(super) const IDENTITY_OPEN: &str =
    " Identity is not proven yet: the clock starts then, and until then it is counted from receipt.";

/// Explains `answer`.
pub(super) fn of(answer: &Answer, alert_on: NaiveDate, regime: &Regime, calendar: &Calendar) -> String {
    let earlier = (alert_on < answer.due_on)
        .then(|| format!("The law can be read to end on {alert_on}; be done by then."));
    let mut sentences = vec![counted(answer, regime)];
    sentences.extend(rolled(answer, regime, calendar));
    sentences.extend(earlier);
    sentences.push(sources(answer, regime));
    sentences.join(" ")
}

fn counted(answer: &Answer, regime: &Regime) -> String {
    let periods: Vec<String> = answer.periods.iter().map(ToString::to_string).collect();
    let start = match regime.timing.starts.value {
        ClockStart::Receipt => "receipt",
        ClockStart::ReceiptAndIdentity => "the later of receipt and identity",
    };
    let first_day = match regime.timing.first_day.value {
        FirstDay::Included => "counting that day",
        FirstDay::Excluded | FirstDay::Disputed => "not counting that day",
    };
    format!(
        "{} from {start} on {} ({}), {first_day}, ends on {}.",
        periods.join(" and "),
        answer.counted_from,
        regime.time_zone.name(),
        answer.ends_on,
    )
}

fn rolled(answer: &Answer, regime: &Regime, calendar: &Calendar) -> Vec<String> {
    if !regime.timing.rolls.value {
        return vec!["It does not roll over weekends and holidays.".to_owned()];
    }
    let year = answer.due_on.year();
    let closed = calendar.closed_because(answer.ends_on);
    let closed = closed.map(|why| format!("That is {why}, so the next open day counts: {}.", answer.due_on));
    let unknown = (!calendar.knows(year))
        .then(|| format!("No holidays of {year} are configured: only weekends are known."));
    closed.into_iter().chain(unknown).collect()
}

fn sources(answer: &Answer, regime: &Regime) -> String {
    let mut sources = answer.sources.clone();
    sources.push(regime.timing.starts.cited());
    sources.push(regime.timing.first_day.cited());
    sources.push(regime.timing.rolls.cited());
    let mut seen = Vec::new();
    for source in sources {
        if !seen.contains(&source) {
            seen.push(source);
        }
    }
    format!("[{}]", seen.join(" | "))
}
