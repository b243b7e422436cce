//! Whom a law takes for a child, and how soon a child is answered.

use chrono::NaiveDate;
use habeas_domain::{Calendars, Deadline, Regimes, Right};
use serde_json::{Value, json};

use crate::samples::{at, now, read, read_under, refused, small};

fn with(regime: &str, child: &Value) -> Value {
    let mut value = small();
    value["regime"] = json!(regime);
    value["child"] = child.clone();
    value
}

#[test]
fn the_age_is_the_laws_and_where_it_differs_the_countrys() {
    for (regime, country, limit) in [
        ("eu_gdpr", None, 16),
        ("eu_gdpr", Some("FR"), 15),
        ("eu_gdpr", Some("DE"), 16),
        ("eu_gdpr", Some("SE"), 13),
        ("eu_gdpr", Some("ZZ"), 16),
        ("uk_gdpr", None, 13),
        ("us_ca", None, 13),
        ("jp_appi", None, 16),
    ] {
        let of = |age: u8| read_under(regime, &with(regime, &json!({ "age": age, "country": country })));
        let child = of(limit - 1).expect("a child").child;
        assert_eq!(child.map(|child| child.guardian), Some(None), "{regime} {country:?}");
        let wrong = of(limit).expect_err("they ask for themselves");
        assert_eq!(
            (wrong[0].field.as_str(), wrong[0].code),
            ("child.age", "not-wanted"),
            "{regime} {country:?}"
        );
    }
    assert!(read(&with("eu_gdpr", &json!({}))).expect("without an age").child.is_some());
    assert!(read(&with("eu_gdpr", &Value::Null)).expect("nothing").child.is_none());
}

#[test]
fn naming_another_law_takes_nobodys_protection_away() {
    let of = |usual: &str, named: &str| read_under(usual, &with(named, &json!({ "age": 14 }))).is_ok();
    assert!(of("eu_gdpr", "us_ca") && of("us_ca", "eu_gdpr"), "a child under one of the two laws");
    assert!(!of("us_ca", "uk_gdpr"), "under neither");
}

#[test]
fn the_age_itself_is_not_kept() {
    let guardian = json!({ "name": "山田 一郎", "email": "ichiro@example.jp" });
    let taken = read(&with("eu_gdpr", &json!({ "age": 9, "country": "FR", "guardian": guardian })));
    let stored = serde_json::to_value(taken.expect("a child")).expect("JSON");
    assert_eq!(stored["child"], json!({ "guardian": guardian, "age_given": true }));
    let unsaid = read(&with("eu_gdpr", &json!({}))).expect("a child").child.expect("a child");
    assert!(!unsaid.age_given);
}

#[test]
fn what_is_wrong_is_told_by_its_field() {
    let wrong = |child: Value| refused(&with("eu_gdpr", &child));
    assert_eq!(wrong(json!(true)), at("child", "wrong-type"));
    assert_eq!(wrong(json!({ "age": -1 })), at("child.age", "out-of-range"));
    assert_eq!(wrong(json!({ "age": "nine" })), at("child.age", "out-of-range"));
    assert_eq!(wrong(json!({ "birthday": "2017-01-01" })), at("child.birthday", "unknown-field"));
    assert_eq!(wrong(json!({ "country": "France" })), at("child.country", "malformed"));
    assert_eq!(wrong(json!({ "guardian": { "name": "山田" } })), at("child.guardian.email", "required"));
    let mut both = with("eu_gdpr", &json!({}));
    both["agent"] = json!({ "name": "Alex Agent", "email": "alex@agents.example", "mandate": "statutory" });
    assert_eq!(refused(&both), at("agent", "not-wanted"));
}

#[test]
fn a_child_is_answered_sooner_wherever_the_law_gives_longer() {
    let (regimes, calendars) =
        (Regimes::builtin().expect("regimes"), Calendars::builtin().expect("calendars"));
    for regime in regimes.iter() {
        let calendar = calendars.of(regime).expect("a calendar");
        let usual = Deadline::compute(regime, &calendar, &[Right::Deletion], now(), None);
        let child = usual.clone().for_child(regime, &calendar);
        assert!(child.due_on <= usual.due_on && child.alert_on <= child.due_on, "{}", regime.id);
        assert!(child.due_on <= NaiveDate::from_ymd_opt(2026, 12, 2).expect("a day"), "{}", regime.id);
        assert_eq!(child.due_on < usual.due_on, child.basis.en.contains("child"), "{}", regime.id);
    }
}
