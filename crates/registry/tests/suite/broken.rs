//! Manifests that are wrong in themselves: every problem at once, each with its place and its fix.

use std::path::Path;

use habeas_registry::Manifest;
use proptest::prelude::*;

use crate::{fixtures, lines};

fn problems(file: &str) -> String {
    let text = std::fs::read_to_string(fixtures("broken").join(file)).unwrap();
    lines(&Manifest::parse(Path::new(file), &text).unwrap_err())
}

#[test]
fn broken_syntax() {
    insta::assert_snapshot!(problems("syntax.toml"));
}

#[test]
fn an_empty_file() {
    insta::assert_snapshot!(problems("empty.toml"));
}

#[test]
fn misspelt_settings() {
    insta::assert_snapshot!(problems("misspelt.toml"));
}

#[test]
fn keeps_without_end_or_reason() {
    insta::assert_snapshot!(problems("keeps.toml"));
}

#[test]
fn settings_that_contradict_each_other() {
    insta::assert_snapshot!(problems("contradictions.toml"));
}

#[test]
fn settings_of_the_wrong_shape() {
    insta::assert_snapshot!(problems("shapes.toml"));
}

#[test]
fn a_url_is_never_quoted() {
    let text = "[store]\nname = \"x\"\ndriver = \"postgres\"\nurl = { env = \"A\", hunter2 = \"postgres://u:secret@db.test\" }\n";
    assert!(!lines(&Manifest::parse(Path::new("x.toml"), text).unwrap_err()).contains("secret"));
}

const EXAMPLE: &str = include_str!("../fixtures/stores/shop.toml");

proptest! {
    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        // Nothing random is a manifest, so each must give at least one problem, and none may panic.
        prop_assert!(!Manifest::parse(Path::new("x.toml"), &text).unwrap_err().is_empty());
    }

    #[test]
    fn a_damaged_manifest_is_answered(at in 0..EXAMPLE.len(), cut in 0..40usize, insert in "[\\PC\n]{0,6}") {
        let from = EXAMPLE.floor_char_boundary(at);
        let to = EXAMPLE.floor_char_boundary((from + cut).min(EXAMPLE.len()));
        let text = format!("{}{insert}{}", &EXAMPLE[..from], &EXAMPLE[to..]);
        if let Err(problems) = Manifest::parse(Path::new("x.toml"), &text) {
            prop_assert!(!problems.is_empty());
            prop_assert!(problems.iter().all(|problem| !problem.message.is_empty() && !problem.fix.is_empty()));
            let last = text.lines().count() + 1;
            prop_assert!(problems.iter().all(|problem| problem.line.is_none_or(|line| (1..=last).contains(&line))));
        }
    }
}

fn asking(fields: &str) -> Result<Manifest, Vec<habeas_registry::ManifestProblem>> {
    let head = "[store]\nname = \"x\"\ndriver = \"sqlite\"\nurl = \"sqlite:x\"\nproduct = \"X\"\n[[collection]]\n\
        name = \"people\"\ndelete = \"rows\"\nfields.email = { key = \"email\", category = \"user.email\" }\n";
    Manifest::parse(Path::new("x.toml"), &format!("{head}{fields}"))
}

#[test]
fn questions_are_declared_with_care() {
    let question = "question = { en = \"Which plan?\", ja = \"どのプランですか。\" }";
    let plan =
        |ask: &str| asking(&format!("fields.plan = {{ category = \"user.plan\", ask = {{ {ask} }} }}"));
    let whole = plan(&format!("kind = \"text\", {question}")).unwrap();
    let ask = whole.collections[0].fields[1].ask.clone().unwrap();
    assert_eq!((ask.kind.as_str(), ask.question.en.as_str()), ("text", "Which plan?"));
    for (ask, part) in [
        (format!("kind = \"horoscope\", {question}"), "ask.kind"),
        ("kind = \"text\"".to_owned(), "ask.question"),
        (format!("kind = \"text\", newest = \"at\", {question}"), "no field `at`"),
        (format!("kind = \"text\", choices = [\"a\"], {question}"), "ask.choices"),
    ] {
        let told = lines(&plan(&ask).unwrap_err());
        assert!(told.contains(part), "{ask}: {told}");
    }
    let uncategorised =
        asking(&format!("fields.x = {{ key = \"x\", ask = {{ kind = \"digits\", {question} }} }}"));
    assert!(lines(&uncategorised.unwrap_err()).contains("without a category"));
}
