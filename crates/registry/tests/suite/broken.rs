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

#[test]
fn files_that_mean_harm_end_in_a_place_and_nothing_worse() {
    for text in [
        "[".repeat(100_000),
        format!("a = {}", "[".repeat(100_000)),
        format!("a = {}", "{ a = ".repeat(50_000)),
        "a.".repeat(50_000),
        "\0".to_owned(),
        "[store]\nname = \"\u{202e}\"\nurl = 1e400\n".to_owned(),
        format!("[store]\nname = \"{}\"\n", "x".repeat(10 << 20)),
    ] {
        let problems = Manifest::parse(Path::new("x.toml"), &text).unwrap_err();
        assert!(problems.iter().all(|one| one.line.is_some() && !one.fix.is_empty()), "{problems:?}");
    }
}

/// What stands in a manifest is quoted in statements; what could break out of quotes is none the less refused where it
/// becomes the name of a queue, a file or a key.
#[test]
fn quotes_in_names_are_refused_or_only_letters() {
    let manifest = |store: &str, collection: &str, field: &str| {
        let text = format!(
            "[store]\nname = {store}\ndriver = \"sqlite\"\nurl = \"sqlite:x\"\nproduct = \"X\"\n[[collection]]\n\
             name = {collection}\ndelete = \"rows\"\nfields.{field} = {{ key = \"email\", category = \"user.email\" }}\n"
        );
        Manifest::parse(Path::new("x.toml"), &text)
    };
    for odd in
        [r#""a\"b""#, r#""a'b""#, r#""a`b""#, r#""a;b""#, r#""a/../b""#, r#""a\u0000b""#, r#""*""#, r#""""#]
    {
        let told = lines(&manifest(odd, "\"people\"", "email").unwrap_err());
        assert!(told.contains("x.toml:2:") && told.contains("store.name"), "{odd}: {told}");
    }
    for odd in [r#""a\"b""#, r#""a'b`c""#, r#""a; DROP TABLE b --""#] {
        let read = manifest("\"x\"", odd, odd).unwrap();
        assert_eq!(read.collections[0].name.as_str(), read.collections[0].fields[0].name.as_str(), "{odd}");
    }
    for odd in [r#""a\u0000b""#, r#""""#] {
        let told = lines(&manifest("\"x\"", odd, "email").unwrap_err());
        assert!(told.contains("x.toml:7:"), "{odd}: {told}");
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
        (
            format!("kind = \"text\", public = true, {question}"),
            "ask.public: what public data answers proves nobody",
        ),
        (format!("kind = \"text\", public = \"yes\", {question}"), "ask.public"),
    ] {
        let told = lines(&plan(&ask).unwrap_err());
        assert!(told.contains(part), "{ask}: {told}");
    }
    assert!(plan(&format!("kind = \"text\", public = false, {question}")).is_ok());
    let uncategorised =
        asking(&format!("fields.x = {{ key = \"x\", ask = {{ kind = \"digits\", {question} }} }}"));
    assert!(lines(&uncategorised.unwrap_err()).contains("without a category"));
}
