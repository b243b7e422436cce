//! Screening a submission as a whole.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::{
    FieldProblem, Submission, SubmissionDefaults, agent, child,
    fields::{self, MAX_AGE_DAYS, MAX_AHEAD_MINUTES, MAX_MESSAGE_CHARS, MAX_REFERENCE_CHARS},
    object::{Fault, Object},
    parts,
    problem::Problems,
};
use crate::{
    Regime, RegimeId, Right,
    text::{FreeText, TextRule},
};

impl Submission {
    /// Screens what was handed in. The same for every door; it looks at nothing but its arguments. The caller limits
    /// the bytes; lists and texts are limited here. `null` is the same as leaving a field out.
    ///
    /// # Errors
    /// Every problem at once (up to 100), none of which shows a value.
    pub fn read(value: &Value, defaults: &SubmissionDefaults<'_>) -> Result<Self, Vec<FieldProblem>> {
        let mut problems = Problems::default();
        let read = Object::open("", value, fields::SUBMISSION, &mut problems)
            .and_then(|root| read_fields(&root, defaults, &mut problems));
        problems.judge(read)
    }
}

/// Reads every field before it gives up, so that every problem is noted.
fn read_fields(
    root: &Object<'_>,
    defaults: &SubmissionDefaults<'_>,
    problems: &mut Problems,
) -> Option<Submission> {
    let regime = read_regime(root, defaults, problems);
    let language = named(root, "language", defaults.language, problems);
    let channel = named(root, "channel", defaults.channel, problems);
    let received_at = read_received_at(root, defaults.now, problems);
    let subject = parts::subject(root, problems);
    let agent = agent::read(root, subject.as_ref().map(|subject| &subject.email), problems);
    let child = child::read(root, [regime, defaults.regimes.get(&defaults.regime)], problems);
    let rights = parts::rights(root, regime, problems);
    let wants_correction = rights.as_ref().is_none_or(|rights| rights.contains(&Right::Correction));
    let corrections = parts::corrections(root, wants_correction, rights.is_some(), problems);
    let message = free_text(root, "message", TextRule::lines(MAX_MESSAGE_CHARS), problems);
    let external_reference =
        free_text(root, "external_reference", TextRule::line(MAX_REFERENCE_CHARS), problems);
    Some(Submission {
        regime: regime?.id.clone(),
        language: language?,
        channel: channel?,
        received_at: received_at.unwrap_or_else(|| to_micros(defaults.now)),
        received_at_given: received_at.is_some(),
        subject: subject?,
        agent,
        child,
        rights: rights?,
        corrections,
        message,
        external_reference,
    })
}

fn read_regime<'r>(
    root: &Object<'_>,
    defaults: &SubmissionDefaults<'r>,
    problems: &mut Problems,
) -> Option<&'r Regime> {
    let known = || defaults.regimes.ids().map(RegimeId::as_str).collect::<Vec<_>>().join(", ");
    let find = |id: &RegimeId| {
        let unknown = || ("unknown-value", format!("use one of: {}", known()));
        defaults.regimes.get(id).ok_or_else(unknown)
    };
    if root.get("regime").is_none() {
        let found = find(&defaults.regime);
        if found.is_err() {
            problems.add("regime", "required", format!("name one of: {}", known()));
        }
        return found.ok();
    }
    root.text("regime", problems, |text| {
        let id = RegimeId::new(text).map_err(|_| ("unknown-value", format!("use one of: {}", known())))?;
        find(&id)
    })
}

/// A field that names one of a few values; `default` where it is absent.
fn named<T>(root: &Object<'_>, field: &str, default: T, problems: &mut Problems) -> Option<T>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    if root.get(field).is_none() {
        return Some(default);
    }
    root.text(field, problems, |text| {
        text.parse().map_err(|error: T::Err| ("unknown-value", error.to_string()))
    })
}

fn read_received_at(root: &Object<'_>, now: DateTime<Utc>, problems: &mut Problems) -> Option<DateTime<Utc>> {
    root.text("received_at", problems, |text| {
        let moment = DateTime::parse_from_rfc3339(text)
            .map_err(|_| fault("malformed", "write a moment of RFC 3339, such as 2026-11-20T09:30:00+09:00"))?
            .with_timezone(&Utc);
        if moment > now + TimeDelta::minutes(MAX_AHEAD_MINUTES) {
            return Err(fault(
                "out-of-range",
                "this lies in the future; give the moment the request arrived",
            ));
        }
        if moment < now - TimeDelta::days(MAX_AGE_DAYS) {
            return Err((
                "out-of-range",
                format!("this lies more than {MAX_AGE_DAYS} days back; check the year"),
            ));
        }
        // Clocks differ by a little; nothing can have arrived after now.
        Ok(to_micros(moment.min(now)))
    })
}

fn fault(code: &'static str, message: &str) -> Fault {
    (code, message.to_owned())
}

/// To the microsecond, which is what the state database holds.
fn to_micros(moment: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(moment.timestamp_micros()).unwrap_or(moment)
}

fn free_text(root: &Object<'_>, field: &str, rule: TextRule, problems: &mut Problems) -> Option<FreeText> {
    root.text(field, problems, |text| {
        FreeText::clean(text, rule).map_err(|problem| (problem.code(), problem.to_string()))
    })
}
