//! What is taken, and as what.

use habeas_domain::{Channel, Language, Right, Submission, submission_schema};
use serde_json::{Value, json};

use crate::samples::{full, now, read, read_at, refused, small, with};

#[test]
fn the_smallest_takes_the_defaults() {
    let read = read(&small()).expect("it is fine");
    assert_eq!(read.regime.as_str(), "eu_gdpr");
    assert_eq!((read.language, read.channel), (Language::En, Channel::Api));
    assert_eq!((read.received_at, read.received_at_given), (now(), false));
    assert_eq!(read.rights, [Right::Access]);
}

#[test]
fn the_fullest_is_read_and_cleaned() {
    let read = read(&full()).expect("it is fine");
    insta::assert_json_snapshot!(read);
}

#[test]
fn it_prints_redacted() {
    let shown = format!("{:?}", read(&full()).expect("it is fine"));
    for value in ["anako", "花子", "0000", "C-42", "1990", "correct\n", "TICKET"] {
        assert!(!shown.contains(value), "{value} in {shown}");
    }
}

#[test]
fn it_survives_being_stored() {
    let read = read(&full()).expect("it is fine");
    let stored = serde_json::to_string(&read).expect("it serialises");
    assert_eq!(serde_json::from_str::<Submission>(&stored).expect("it reads back"), read);
    let tampered = stored.replace("Hanako.Yamada@example.jp", "a@example.jp, b@example.jp");
    let error = serde_json::from_str::<Submission>(&tampered).expect_err("checked again").to_string();
    assert!(error.contains("one address only") && !error.contains("b@example.jp"), "{error}");
}

#[test]
fn nulls_are_the_same_as_nothing() {
    let mut value = small();
    for field in
        ["regime", "language", "channel", "received_at", "corrections", "message", "external_reference"]
    {
        value[field] = Value::Null;
    }
    value["subject"]["name"] = Value::Null;
    assert_eq!(read(&value), read(&small()));
}

#[test]
fn a_fingerprint_tells_bodies_apart_and_repeats_together() {
    let print = |value: &Value, now| read_at(value, now).expect("it is fine").fingerprint();
    let later = now() + chrono::TimeDelta::minutes(9);
    assert_eq!(print(&small(), now()), print(&small(), later), "a repeat arrives later");
    assert_eq!(print(&full(), now()), print(&full(), later));
    let mut prints = vec![print(&small(), now()), print(&full(), now())];
    for (field, value) in [
        ("rights", json!(["deletion"])),
        ("language", json!("ja")),
        ("regime", json!("us_ca")),
        ("channel", json!("post")),
        ("received_at", json!("2026-11-20T09:30:00Z")),
        ("message", json!("x")),
        ("external_reference", json!("x")),
        ("subject", json!({ "email": "hanako@example.jp", "name": "x" })),
        ("subject", json!({ "email": "hanako2@example.jp" })),
        ("subject", json!({ "email": "hanako@example.jp", "identifiers": [{ "key": "x", "value": "y" }] })),
    ] {
        prints.push(print(&with(field, value), now()));
    }
    let all = prints.len();
    prints.sort_unstable();
    prints.dedup();
    assert_eq!(prints.len(), all, "every one differs");
}

#[test]
fn the_schema_is_published() {
    insta::assert_json_snapshot!(submission_schema());
}

#[test]
fn what_the_schema_lists_is_never_an_unknown_field() {
    let schema = submission_schema();
    let fields = schema["properties"].as_object().expect("properties");
    let value: Value = Value::Object(fields.keys().map(|name| (name.clone(), json!(0))).collect());
    assert!(refused(&value).iter().all(|(_, code)| *code != "unknown-field"));
    let subject = schema["properties"]["subject"]["properties"].as_object().expect("properties");
    let value: Value = Value::Object(subject.keys().map(|name| (name.clone(), json!(0))).collect());
    assert!(refused(&with("subject", value)).iter().all(|(_, code)| *code != "unknown-field"));
}
