//! Stores whose data are held for somebody else.

use std::path::Path;

use habeas_domain::KeyName;
use habeas_registry::{Code, Finding, Manifest, Registry, Role};

use crate::{lines, manifest, store};

const PEOPLE: &str = r#"
[[collection]]
name = "people"
title = { en = "People", ja = "会員" }
fields.email = { key = "email", category = "user.contact.email" }
fields.no    = { key = "member_no" }
delete = "rows"
"#;

const VISITS: &str = r#"
[[collection]]
name = "visits"
title = { en = "Visits", ja = "来店" }
delete = "rows"
fields.who = { key = "member_no", category = "user.id" }
"#;

const CLIENT: &str = r#"{ name = { en = "Example Client", ja = "取引先の例" }, email = "dpo@client.example", url = "https://client.example/privacy" }"#;

fn head(name: &str, role: &str) -> String {
    format!(
        "[store]\nname = \"{name}\"\ndriver = \"postgres\"\nurl = \"postgres://db.test/x\"\nproduct = \"X\"\n{role}\n"
    )
}

fn held_for_client(name: &str, collections: &str) -> Manifest {
    let role = format!("role = \"processor\"\ncontroller = {CLIENT}");
    manifest(&(head(name, &role) + collections))
}

fn problems(role: &str) -> String {
    lines(&Manifest::parse(Path::new("x.toml"), &(head("x", role) + PEOPLE)).unwrap_err())
}

#[test]
fn a_store_is_our_own_unless_it_says_otherwise() {
    assert_eq!(store("a", PEOPLE).role(), Role::Controller);
    assert_eq!(manifest(&(head("a", "role = \"controller\"") + PEOPLE)).role(), Role::Controller);
    assert_eq!(held_for_client("a", PEOPLE).role(), Role::Processor);
}

#[test]
fn what_is_held_for_others_is_never_looked_up() {
    let registry = Registry::from_manifests(vec![store("a", PEOPLE), held_for_client("b", PEOPLE)]).unwrap();
    let email = KeyName::new("email").unwrap();
    let asked: Vec<String> = registry.lookups(&email).map(|one| one.store.to_string()).collect();
    assert_eq!(asked, ["a"]);
    assert_eq!(registry.own().count(), 1);
}

#[test]
fn no_key_leads_through_what_is_held_for_others() {
    let findings =
        Registry::from_manifests(vec![held_for_client("a", PEOPLE), store("b", VISITS)]).unwrap_err();
    assert_eq!(findings.iter().map(|one: &Finding| one.code).collect::<Vec<_>>(), [Code::Unreachable]);
    let alone = Registry::from_manifests(vec![held_for_client("a", VISITS)]).unwrap();
    assert_eq!(alone.own().count(), 0, "what is not looked up need not be reached");
}

#[test]
fn each_controller_is_named_once() {
    let stores = vec![held_for_client("b", PEOPLE), held_for_client("a", PEOPLE), store("c", PEOPLE)];
    let registry = Registry::from_manifests(stores).unwrap();
    let named: Vec<(&str, &str)> =
        registry.controllers().map(|(store, one)| (store.as_str(), one.email.as_str())).collect();
    assert_eq!(named, [("a", "dpo@client.example")]);
}

#[test]
fn another_role_is_another_manifest() {
    let own = Registry::from_manifests(vec![store("a", PEOPLE)]).unwrap();
    let theirs = Registry::from_manifests(vec![held_for_client("a", PEOPLE)]).unwrap();
    let name = "a".parse().unwrap();
    assert_ne!(own.fingerprint(&name), theirs.fingerprint(&name), "what was approved before is planned anew");
}

#[test]
fn half_a_role_is_refused() {
    assert!(problems("role = \"processor\"").contains("store.controller: missing"));
    assert!(problems(&format!("controller = {CLIENT}")).contains("the store is our own"));
    assert!(problems("role = \"procesor\"").contains("unknown word"));
    let with = |from: &str, to: &str| {
        problems(&format!("role = \"processor\"\ncontroller = {}", CLIENT.replace(from, to)))
    };
    assert!(with("dpo@client.example", "dpo").contains("not a mail address"));
    for url in ["http://client.example", "https://", "javascript:alert(1)", "https://a b"] {
        assert!(with("https://client.example/privacy", url).contains("not a web address"), "{url}");
    }
}
