//! What no input can bring about.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::samples::{read, with_email};

#[test]
fn a_hostile_input_gets_a_short_answer() {
    let many: serde_json::Map<String, Value> =
        (0..10_000_u32).map(|n| (format!("field{n}"), Value::Null)).collect();
    assert_eq!(read(&Value::Object(many)).expect_err("unknown fields").len(), 100);
}

/// Any JSON, often with our own field names, so that the reading gets far.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        prop::sample::select(vec![
            "access",
            "correction",
            "email",
            "ja",
            "eu_gdpr",
            "a@example.com",
            "2026-11-20"
        ])
        .prop_map(Value::from),
    ];
    let name = prop_oneof![
        ".{0,12}",
        prop::sample::select(vec![
            "regime",
            "language",
            "channel",
            "received_at",
            "subject",
            "rights",
            "corrections",
            "message",
            "external_reference",
            "email",
            "name",
            "phone",
            "identifiers",
            "key",
            "value",
            "category",
            "type",
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..10)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_brings_it_down(value in any_json()) {
        if let Err(problems) = read(&value) {
            prop_assert!(!problems.is_empty() && problems.len() <= 100);
        }
    }

    #[test]
    fn no_address_with_control_characters_passes(front in ".{0,8}", control in "[\u{0}-\u{1f}\u{7f}-\u{9f}]", back in ".{0,8}") {
        for email in [
            format!("{front}{control}{back}@example.com"),
            format!("a@{front}{control}{back}.com"),
            format!("a@example.com{control}{back}"),
            format!("{control}a@example.com"),
        ] {
            prop_assert!(read(&with_email(&email)).is_err());
        }
    }

    #[test]
    fn an_accepted_address_is_safe_in_a_header(email in ".{1,20}@.{1,20}") {
        if let Ok(read) = read(&with_email(&email)) {
            let address = read.subject.email.as_str();
            prop_assert!(address.is_ascii() && !address.contains(|c: char| c.is_ascii_control() || c == ' '));
            prop_assert_eq!(address.matches('@').count(), 1);
        }
    }

    /// Values of letters that no message of ours can hold by chance.
    #[test]
    fn no_problem_shows_a_value(secret in "[ЖЩЫЭЮЯ]{6,12}") {
        let value = json!({
            "regime": secret, "language": secret, "channel": secret, "received_at": secret,
            "subject": { "email": secret, "name": format!("{secret}\0"), "phone": secret,
                         "identifiers": [{ "key": secret, "value": format!("{secret}\n") }], secret.clone(): secret },
            "rights": [secret, "correction"],
            "corrections": [{ "category": secret, "value": secret, "type": "date" },
                            { "category": "user.x", "value": secret, "type": "email" },
                            { "category": "user.y", "value": secret, "type": secret }],
            "message": format!("{secret}\0"), "external_reference": format!("{secret}\0"), secret.clone(): secret,
        });
        let problems = read(&value).expect_err("nearly all of it is wrong");
        prop_assert!(problems.len() >= 14, "{} problems", problems.len());
        let shown = serde_json::to_string(&problems).expect("it serialises");
        prop_assert!(!shown.contains(&secret), "{shown}");
    }
}
