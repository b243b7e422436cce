//! What is refused, and how.

use habeas_domain::{Right, Submission};
use serde_json::{Value, json};

use crate::samples::{at, now, read, refused, small, with};

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
    assert_eq!(refused(&but("valid_until", json!("tomorrow"))), at("agent.valid_until", "malformed"));
    assert_eq!(refused(&but("sha256", json!("abc"))), at("agent.sha256", "malformed"));
    let named = read(&but("sha256", json!("AB".repeat(32)))).expect("it is fine");
    assert_eq!(named.agent.as_ref().and_then(|agent| agent.mandate.sha256.clone()), Some("ab".repeat(32)));
    assert_ne!(named.fingerprint(), one.fingerprint());
    let until = read(&but("valid_until", json!("2030-12-31"))).expect("it is fine");
    assert_ne!(until.fingerprint(), one.fingerprint());
}
