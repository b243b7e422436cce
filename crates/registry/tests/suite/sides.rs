//! Rows that are about two people: what may be said of them, and what each right then does.

use std::path::Path;

use habeas_domain::{Category, KeyName, SideName, StoreName};
use habeas_registry::{Code, DeletionAction, Finding, Manifest, Meaning, Registry, check_live};

use crate::{
    column::{column, name, refers, required, table},
    lines, store,
};

const PEOPLE: &str = r#"
[[collection]]
name = "people"
title = { en = "People", ja = "会員" }
fields.email = { key = "email", category = "user.contact.email", delete = "mask-email" }
fields.phone = { key = "phone", category = "user.contact.phone", delete = "null" }
"#;

const CALLS: &str = r#"
[[collection]]
name = "calls"
title = { en = "Calls", ja = "通話" }
fields.id          = { internal = true }
fields.from_number = { side = "caller", key = "phone", category = "user.contact.phone", delete = "null" }
fields.from_name   = { side = "caller", category = "user.name", provided = true, correct = "name", delete = "null" }
fields.to_number   = { side = "callee", key = "phone", category = "user.contact.phone", delete = "null" }
fields.to_name     = { side = "callee", category = "user.name", provided = true, correct = "name", delete = "null" }
fields.seconds     = { category = "user.behavior", remains = { en = "Counted.", ja = "集計のため" } }
"#;

fn shop() -> StoreName {
    StoreName::new("x").unwrap()
}

fn with(calls: &str) -> Registry {
    Registry::from_manifests(vec![store("x", &format!("{PEOPLE}{calls}"))]).map_err(|f| lines(&f)).unwrap()
}

/// What is wrong with the calls in themselves.
fn wrong(calls: &str) -> Vec<String> {
    let head = "[store]\nname = \"x\"\ndriver = \"sqlite\"\nurl = \"sqlite:x\"\nproduct = \"X\"\n";
    let problems = Manifest::parse(Path::new("x.toml"), &format!("{head}{calls}")).err().unwrap_or_default();
    problems.iter().map(|one| format!("{}: {}", one.field, one.message)).collect()
}

fn findings(calls: &str) -> Vec<Finding> {
    match Registry::from_manifests(vec![store("x", &format!("{PEOPLE}{calls}"))]) {
        Ok(registry) => registry.warnings().to_vec(),
        Err(findings) => findings,
    }
}

fn side(name: &str) -> SideName {
    SideName::new(name).unwrap()
}

#[test]
fn a_manifest_that_says_whose_each_side_is_has_no_finding() {
    assert_eq!(findings(CALLS), []);
}

#[test]
fn a_deletion_and_a_correction_take_one_side_at_a_time() {
    let registry = with(CALLS);
    let schema = table("calls", vec![required("id", habeas_domain::schema::FieldType::Int)]);
    let plan = registry.deletion_plan(&shop(), &[schema], "2026-11-21T09:00:00Z".parse().unwrap()).unwrap();
    let steps: Vec<_> = plan.steps.iter().filter(|step| step.collection.as_str() == "calls").collect();
    let told: Vec<_> = steps
        .iter()
        .map(|step| {
            let found: Vec<&str> = step.lookups.iter().map(|lookup| lookup.field.as_str()).collect();
            let DeletionAction::Fields(effects) = &step.action else { panic!("{:?}", step.action) };
            let changed: Vec<&str> = effects.iter().map(|effect| effect.field.as_str()).collect();
            (step.side.clone(), found, changed)
        })
        .collect();
    assert_eq!(
        told,
        [
            (Some(side("caller")), vec!["from_number"], vec!["from_number", "from_name"]),
            (Some(side("callee")), vec!["to_number"], vec!["to_number", "to_name"]),
        ]
    );
    let name_of = Category::new("user.name").unwrap();
    let corrections = registry.correction_plan(&shop(), &name_of, Meaning::Name).unwrap().steps;
    let told = corrections
        .iter()
        .map(|step| (step.field.as_str(), step.lookups[0].field.as_str(), step.lookups.len()));
    assert_eq!(told.collect::<Vec<_>>(), [("from_name", "from_number", 1), ("to_name", "to_number", 1)]);
}

#[test]
fn a_copy_knows_whose_each_field_is() {
    let registry = with(CALLS);
    let copy = registry.access_plan(&shop()).unwrap();
    let calls = copy.collections.iter().find(|one| one.collection.as_str() == "calls").unwrap();
    let sides: Vec<_> = calls.fields.iter().map(|field| (field.field.as_str(), field.side.clone())).collect();
    assert_eq!(
        sides,
        [
            ("from_number", Some(side("caller"))),
            ("from_name", Some(side("caller"))),
            ("to_number", Some(side("callee"))),
            ("to_name", Some(side("callee"))),
            ("seconds", None),
        ]
    );
    let phone = KeyName::new("phone").unwrap();
    let found: Vec<_> = registry.lookups(&phone).map(|at| (at.field.to_string(), at.side)).collect();
    assert_eq!(
        found,
        [
            ("phone".to_owned(), None),
            ("from_number".to_owned(), Some(side("caller"))),
            ("to_number".to_owned(), Some(side("callee"))),
        ]
    );
}

#[test]
fn what_would_reach_across_a_row_is_refused() {
    let rows = format!("{CALLS}delete = \"rows\"\n");
    let dropped = rows
        .replace(", delete = \"null\"", "")
        .replace(", remains = { en = \"Counted.\", ja = \"集計のため\" }", "");
    for (calls, told) in [
        (
            dropped,
            "collection.calls: its rows are other people's as well, so they cannot go with one of them",
        ),
        (
            CALLS.replace("side = \"callee\", ", "").replace("remains", "side = \"caller\", remains"),
            "collection.calls: only the side \"caller\" is named, so nothing says whose the rest of a row is",
        ),
        (
            CALLS.replace("side = \"callee\", key = \"phone\", ", "side = \"callee\", "),
            "collection.calls: no field of the side \"callee\" holds a key, so nobody is found on that side",
        ),
        (
            CALLS.replace("{ internal = true }", "{ key = \"call_id\" }"),
            "collection.calls.fields.id: a key of which nothing says whose of the row's people it is",
        ),
        (
            CALLS.replace("remains = { en = \"Counted.\", ja = \"集計のため\" }", "delete = \"null\""),
            "collection.calls.fields.seconds: it is about every side of the row, so one person's deletion cannot change it",
        ),
        (
            CALLS.replace("\"user.behavior\", ", "\"user.behavior\", correct = \"number\", "),
            "collection.calls.fields.seconds: it is about every side of the row, so one person's correction cannot change it",
        ),
        (
            CALLS.replace("\"user.behavior\", ", "\"user.behavior\", guardian = true, "),
            "collection.calls.fields.seconds: it is about every side of the row, so it proves and reaches nobody",
        ),
        (
            CALLS.replace("{ internal = true }", "{ internal = true, side = \"caller\" }"),
            "collection.calls.fields.id: internal, and yet of a side",
        ),
    ] {
        assert!(wrong(&calls).contains(&told.to_owned()), "{told}: {:#?}", wrong(&calls));
    }
    assert_eq!(wrong(CALLS), Vec::<String>::new());
}

/// What holds one side back must leave that side findable, whatever the other side's key does.
#[test]
fn a_keep_needs_the_key_and_the_date_of_its_own_side() {
    let keep = "keep = { reason = \"law\", until = \"at + 1y\" }";
    let kept = CALLS.replace(
        "fields.from_name   = { side = \"caller\", category = \"user.name\", ",
        &format!("fields.at = {{ internal = true }}\nfields.from_name = {{ side = \"caller\", {keep}, category = \"user.name\", "),
    );
    let lost =
        "collection.calls.fields.from_name: when the keep ends, no key field is left to find the row by";
    assert_eq!(wrong(&kept), [lost]);
    let both = kept.replace(
        "fields.from_number = { side = \"caller\", ",
        &format!("fields.from_number = {{ side = \"caller\", {keep}, "),
    );
    assert_eq!(wrong(&both), Vec::<String>::new());
    let dated = both.replace(
        "fields.at = { internal = true }",
        &format!(
            "fields.at = {{ side = \"callee\", category = \"user.behavior\", delete = \"null\", {keep} }}"
        ),
    );
    assert!(wrong(&dated).iter().any(|one| one.contains("the keep counts from `at`")), "{:?}", wrong(&dated));
}

#[test]
fn two_fields_with_one_key_say_whose_the_second_is() {
    let silent = CALLS
        .replace("side = \"caller\", ", "")
        .replace("side = \"callee\", ", "")
        .replace(", remains", ", title = { en = \"Seconds\", ja = \"秒\" }, remains");
    let found = findings(&silent);
    let told: Vec<_> =
        found.iter().map(|one| (one.code, one.field.as_ref().map(ToString::to_string))).collect();
    assert_eq!(told, [(Code::WhoseKey, Some("to_number".to_owned()))]);
    assert!(
        found[0].message.contains("`from_number`") && found[0].fix.contains("alternate = true"),
        "{}",
        found[0]
    );
    let one = silent.replace("fields.to_number   = { key", "fields.to_number = { alternate = true, key");
    assert_eq!(findings(&one), []);
    let twice = CALLS.replace(
        "fields.from_name ",
        "fields.from_mobile = { side = \"caller\", key = \"phone\", delete = \"null\" }\nfields.from_name ",
    );
    assert_eq!(findings(&twice).iter().map(|one| one.code).collect::<Vec<_>>(), [Code::WhoseKey]);
}

/// A chain that led through the other person of a row would lead nowhere when it is followed.
#[test]
fn no_chain_of_keys_crosses_a_row() {
    let accounts =
        CALLS.replace("side = \"callee\", key = \"phone\"", "side = \"callee\", key = \"account\"");
    let found = findings(&accounts);
    let errors =
        |found: &[Finding]| found.iter().filter(|one| one.is_error()).map(|one| one.code).collect::<Vec<_>>();
    assert_eq!(errors(&found), [Code::SideUnreachable]);
    assert!(found[0].message.contains("its side \"callee\"; it holds account"), "{}", found[0]);
    let behind = "[[collection]]\nname = \"account\"\ntitle = { en = \"Accounts\", ja = \"口座\" }\ndelete = \"rows\"\n\
                  fields.account = { key = \"account\", category = \"user.id\" }\n";
    assert_eq!(errors(&findings(&format!("{accounts}{behind}"))), [Code::SideUnreachable, Code::Unreachable]);
}

#[test]
fn the_sides_are_part_of_what_an_approval_holds_to() {
    let print = |calls: &str| with(calls).fingerprint(&shop()).unwrap();
    let turned = CALLS.replace("caller", "x").replace("callee", "caller").replace("\"x\"", "\"callee\"");
    assert_ne!(print(CALLS), print(&turned));
}

/// What the store itself does when a person's own row goes cannot stop at the other side.
#[test]
fn rows_of_two_people_must_not_follow_those_of_one() {
    use habeas_domain::schema::FieldType::{Int, Text};
    let people = "\n[[collection]]\nname = \"people\"\nfields.email = { key = \"email\", category = \"user.contact.email\" }\n\
                  fields.phone = { key = \"phone\" }\ndelete = \"rows\"\n";
    let manifest = store("x", &format!("{people}{CALLS}"));
    let persons = table("people", vec![required("id", Int), column("email", Text), column("phone", Text)]);
    let fields = ["from_number", "from_name", "to_number", "to_name", "seconds"];
    let mut all = vec![required("id", Int)];
    all.extend(fields.map(|field| column(field, Text)));
    let mut calls = table("calls", all);
    let codes = |calls: &habeas_domain::schema::CollectionSchema| {
        let found = check_live(&manifest, &[persons.clone(), calls.clone()]);
        found
            .iter()
            .filter(|one| one.is_error())
            .map(|one| (one.code, one.collection.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(codes(&calls), []);
    calls.references = vec![refers("to_number", "people", false)];
    assert_eq!(codes(&calls), [], "its own side lets go before");
    calls.references = vec![refers("to_number", "people", true)];
    assert_eq!(codes(&calls), [(Code::OthersRowsGo, Some(name("calls")))]);
}
