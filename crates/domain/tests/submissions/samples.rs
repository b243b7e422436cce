//! Submissions, and ways to read them.

use chrono::{DateTime, TimeZone, Utc};
use habeas_domain::{Channel, FieldProblem, Language, RegimeId, Regimes, Submission, SubmissionDefaults};
use serde_json::{Value, json};

pub(crate) fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 20, 9, 30, 0).single().expect("a moment")
}

pub(crate) fn read_at(value: &Value, now: DateTime<Utc>) -> Result<Submission, Vec<FieldProblem>> {
    read_with("eu_gdpr", value, now)
}

/// Where `usual` is the law of a submission that names none.
pub(crate) fn read_under(usual: &str, value: &Value) -> Result<Submission, Vec<FieldProblem>> {
    read_with(usual, value, now())
}

fn read_with(usual: &str, value: &Value, now: DateTime<Utc>) -> Result<Submission, Vec<FieldProblem>> {
    let regimes = Regimes::builtin().expect("embedded regimes parse");
    let defaults = SubmissionDefaults {
        regime: RegimeId::new(usual).expect("an id"),
        language: Language::En,
        channel: Channel::Api,
        now,
        regimes: &regimes,
    };
    Submission::read(value, &defaults)
}

pub(crate) fn read(value: &Value) -> Result<Submission, Vec<FieldProblem>> {
    read_at(value, now())
}

/// Where and why `value` is refused.
pub(crate) fn refused(value: &Value) -> Vec<(String, &'static str)> {
    read(value).expect_err("it is refused").into_iter().map(|problem| (problem.field, problem.code)).collect()
}

pub(crate) fn at(field: &str, code: &'static str) -> Vec<(String, &'static str)> {
    vec![(field.to_owned(), code)]
}

pub(crate) fn small() -> Value {
    json!({ "subject": { "email": "hanako@example.jp" }, "rights": ["access"] })
}

pub(crate) fn full() -> Value {
    json!({
        "regime": "uk_gdpr",
        "language": "ja",
        "channel": "ticket",
        "received_at": "2026-11-19T18:00:00+09:00",
        "subject": {
            "email": "Hanako.Yamada@Example.JP",
            "name": "山田 花子",
            "phone": "＋81 90-0000-0000",
            "identifiers": [{ "key": "customer_id", "value": "C-42" }],
        },
        "rights": ["correction", "access"],
        "corrections": [
            { "category": "user.contact.email", "value": "new@example.jp", "type": "email" },
            { "category": "user.birthday", "value": "1990-02-28", "type": "date" },
        ],
        "message": "Please correct\r\nmy address.",
        "external_reference": "TICKET-7",
    })
}

/// `small` with one more field, or another value of one.
pub(crate) fn with(field: &str, value: Value) -> Value {
    let mut submission = small();
    submission[field] = value;
    submission
}

pub(crate) fn with_email(email: &str) -> Value {
    with("subject", json!({ "email": email }))
}
