//! Screening: what is taken, what is refused and how, and what no input can bring about.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use chrono::{DateTime, TimeZone, Utc};
use habeas_domain::{
    Channel, FieldProblem, Language, RegimeId, Regimes, Right, Submission, SubmissionDefaults,
    submission_schema,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 20, 9, 30, 0).single().expect("a moment")
}

fn read_at(value: &Value, now: DateTime<Utc>) -> Result<Submission, Vec<FieldProblem>> {
    let regimes = Regimes::builtin().expect("embedded regimes parse");
    let defaults = SubmissionDefaults {
        regime: RegimeId::new("eu_gdpr").expect("an id"),
        language: Language::En,
        channel: Channel::Api,
        now,
        regimes: &regimes,
    };
    Submission::read(value, &defaults)
}

fn read(value: &Value) -> Result<Submission, Vec<FieldProblem>> {
    read_at(value, now())
}

/// Where and why `value` is refused.
fn refused(value: &Value) -> Vec<(String, &'static str)> {
    read(value).expect_err("it is refused").into_iter().map(|problem| (problem.field, problem.code)).collect()
}

fn at(field: &str, code: &'static str) -> Vec<(String, &'static str)> {
    vec![(field.to_owned(), code)]
}

fn small() -> Value {
    json!({ "subject": { "email": "hanako@example.jp" }, "rights": ["access"] })
}

fn full() -> Value {
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
fn with(field: &str, value: Value) -> Value {
    let mut submission = small();
    submission[field] = value;
    submission
}

fn with_email(email: &str) -> Value {
    with("subject", json!({ "email": email }))
}

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
fn every_problem_comes_in_one_answer() {
    let wrong = json!({
        "regime": "atlantis",
        "language": 7,
        "channel": "pigeon",
        "received_at": "yesterday",
        "subject": {
            "email": "a@example.com, b@example.com",
            "name": "a\u{0}b",
            "phone": "090-0000-0000",
            "identifiers": [{ "key": "Customer", "value": "" }, { "key": "customer_id" }, 3],
            "mail": "x",
        },
        "rights": ["access", "acess", "access", 1],
        "corrections": [{ "category": "user..x", "value": 1, "type": "integer", "vaule": 2 }],
        "message": ["a", "list"],
        "external_reference": "r".repeat(201),
        "right": ["access"],
        "email": "x",
        "x@example.com": true,
    });
    insta::assert_json_snapshot!(read(&wrong).expect_err("nearly all of it is wrong"));
}

#[test]
fn the_whole_must_be_an_object() {
    for value in [json!(null), json!([]), json!("x"), json!(1), json!(true)] {
        assert_eq!(refused(&value), at("submission", "wrong-type"));
    }
    assert_eq!(refused(&json!({})), [at("subject", "required"), at("rights", "required")].concat());
}

#[test]
fn rights_are_one_of_each_that_the_regime_offers() {
    assert_eq!(refused(&with("rights", json!([]))), at("rights", "too-few"));
    assert_eq!(refused(&with("rights", json!("access"))), at("rights", "wrong-type"));
    assert_eq!(refused(&with("rights", json!(["access", "access"]))), at("rights[1]", "duplicate"));
    assert_eq!(refused(&with("rights", json!(vec!["access"; 9]))), at("rights", "too-many"));
    assert_eq!(refused(&with("rights", json!(["Access"]))), at("rights[0]", "unknown-value"));
    let mut japan = with("rights", json!(["access", "portability"]));
    japan["regime"] = json!("jp_appi");
    assert_eq!(refused(&japan), at("rights[1]", "not-offered"));
    let ordered = read(&with("rights", json!(["portability", "access"]))).expect("it is fine");
    assert_eq!(ordered.rights, [Right::Access, Right::Portability]);
}

#[test]
fn corrections_are_there_when_and_only_when_asked_for() {
    let one = json!([{ "category": "user.name", "value": "花子", "type": "name" }]);
    assert_eq!(refused(&with("corrections", one.clone())), at("corrections", "not-wanted"));
    assert_eq!(refused(&with("rights", json!(["correction"]))), at("corrections", "required"));
    let mut asked = with("rights", json!(["correction"]));
    asked["corrections"] = json!([]);
    assert_eq!(refused(&asked), at("corrections", "required"));
    asked["corrections"] = json!([one[0], one[0]]);
    assert_eq!(refused(&asked), at("corrections[1]", "duplicate"));
    asked["corrections"] = json!(vec![one[0].clone(); 51]);
    assert_eq!(refused(&asked), at("corrections", "too-many"));
    asked["corrections"] = one;
    assert!(read(&asked).is_ok());
}

#[test]
fn a_correction_is_checked_by_its_type() {
    let corrected = |kind: &str, value: Value| {
        let mut asked = with("rights", json!(["correction"]));
        asked["corrections"] = json!([{ "category": "user.x", "value": value, "type": kind }]);
        asked
    };
    for (kind, wrong, code) in [
        ("email", "a@b", "malformed"),
        ("phone", "090", "malformed"),
        ("date", "2027-02-29", "malformed"),
        ("date", "0001-01-01", "out-of-range"),
        ("name", "", "empty"),
        ("number", "1e400", "malformed"),
        ("text", "a\0", "control-character"),
    ] {
        assert_eq!(
            refused(&corrected(kind, json!(wrong))),
            at("corrections[0].value", code),
            "{kind} {wrong}"
        );
    }
    assert_eq!(refused(&corrected("number", json!(12))), at("corrections[0].value", "wrong-type"));
    assert!(read(&corrected("number", json!("12.50"))).is_ok());
}

#[test]
fn an_agent_is_somebody_else_with_a_mandate() {
    let agent = json!({ "name": "Alex Agent", "email": "alex@agents.example", "mandate": "power-of-attorney",
        "organisation": "Example Agents", "reference": "P-1" });
    let one = read(&with("agent", agent.clone())).expect("it is fine");
    let shown = format!("{one:?}");
    assert!(!["Alex", "agents.example", "P-1"].iter().any(|value| shown.contains(value)), "{shown}");
    let stored = serde_json::to_string(&one).expect("it serialises");
    assert_eq!(serde_json::from_str::<Submission>(&stored).expect("it reads back"), one);
    assert_ne!(one.fingerprint(), read(&small()).expect("it is fine").fingerprint());
    let but = |field: &str, value: Value| {
        let mut other = agent.clone();
        other[field] = value;
        with("agent", other)
    };
    let own = read(&small()).expect("it is fine").subject.email.as_str().to_uppercase();
    assert_eq!(refused(&but("email", json!(own))), at("agent.email", "not-wanted"));
    assert_eq!(refused(&but("mandate", json!("trust-me"))), at("agent.mandate", "unknown-value"));
    assert_eq!(refused(&but("name", Value::Null)), at("agent.name", "required"));
    assert_eq!(refused(&but("reference", json!("a\nb")))[0].0, "agent.reference");
}

#[test]
fn the_moment_of_receipt_is_believable() {
    let received = |moment: &str| with("received_at", json!(moment));
    for (moment, code) in [
        ("2026-11-20T09:36:00Z", "out-of-range"),
        ("2025-10-01T00:00:00Z", "out-of-range"),
        ("2026-11-20", "malformed"),
        ("2026-11-20T09:30:00", "malformed"),
        ("99999-11-20T09:30:00Z", "malformed"),
    ] {
        assert_eq!(refused(&received(moment)), at("received_at", code), "{moment}");
    }
    let ahead = read(&received("2026-11-20T09:34:00Z")).expect("clocks differ");
    assert_eq!(ahead.received_at, now(), "nothing arrives after now");
    let old = read(&received("2025-10-20T00:00:00.1234567Z")).expect("within 400 days");
    assert_eq!(old.received_at.timestamp_subsec_nanos(), 123_456_000, "to the microsecond");
}

#[test]
fn identifiers_are_taken_as_they_are_or_not_at_all() {
    let identified = |value: &str| {
        with(
            "subject",
            json!({ "email": "a@example.jp", "identifiers": [{ "key": "customer_id", "value": value }] }),
        )
    };
    for hostile in ["'; DROP TABLE customer; --", "%_", "{\"$ne\":null}", "*", "../42", "421", "<script>"] {
        let read = read(&identified(hostile)).expect("a value like any other");
        assert_eq!(read.subject.identifiers[0].value.as_str(), hostile);
    }
    let path = "subject.identifiers[0].value";
    assert_eq!(refused(&identified("42\r\nDEL *")), at(path, "control-character"));
    assert_eq!(refused(&identified("42\u{200b}")), at(path, "malformed"));
    assert_eq!(refused(&identified(" 42")), at(path, "malformed"));
    assert_eq!(refused(&identified(&"4".repeat(1 << 20))), at(path, "too-long"));
    let many = vec![json!({ "key": "customer_id", "value": "42" }); 2];
    let twice = with("subject", json!({ "email": "a@example.jp", "identifiers": many }));
    assert_eq!(refused(&twice), at("subject.identifiers[1]", "duplicate"));
}

#[test]
fn a_hostile_input_gets_a_short_answer() {
    let many: serde_json::Map<String, Value> =
        (0..10_000_u32).map(|n| (format!("field{n}"), Value::Null)).collect();
    assert_eq!(read(&Value::Object(many)).expect_err("unknown fields").len(), 100);
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
