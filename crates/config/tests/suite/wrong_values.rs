//! Whatever is wrong with a value, its key, its line and a fix are told.

use habeas_config::{ConfigError, ConfigProblem, Origin, example, schema};
use serde_json::Value;

use crate::checks::in_file;

/// Values that hardly a key takes. None of them is one line of plain text.
const STRANGE: [&str; 7] =
    ["{ $ne = 1 }", "[[\"a\"]]", "-1.5e300", "true", "1979-05-27", "\"\\u0000\"", "99999999999999999999"];

fn problems(text: &str) -> Vec<ConfigProblem> {
    match in_file(text, &[]) {
        Ok(_) => Vec::new(),
        Err(ConfigError::Problems(problems)) => problems,
        Err(other @ ConfigError::Unreadable { .. }) => panic!("{other}"),
    }
}

/// Every key of the schema with the tables around it, places in lists as 0.
fn keys(schema: &Value, path: &str, found: &mut Vec<String>) {
    let (schema, path) = match schema.get("items").filter(|items| items.get("properties").is_some()) {
        Some(items) => (items, format!("{path}.0")),
        None => (schema, path.to_owned()),
    };
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        found.push(path);
        return;
    };
    for (key, property) in properties {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        keys(property, &path, found);
    }
}

/// A file that sets one key, which stands on the second line.
fn one(key: &str, value: &str) -> String {
    let (table, key) = key.rsplit_once('.').unwrap_or(("", key));
    match table.strip_suffix(".0") {
        Some(list) => format!("[[{list}]]\n{key} = {value}\n"),
        None if table.is_empty() => format!("\n{key} = {value}\n"),
        None => format!("[{table}]\n{key} = {value}\n"),
    }
}

#[test]
fn every_key_with_a_value_of_another_kind_is_told_with_its_line_and_a_fix() {
    let mut all = Vec::new();
    keys(&schema(), "", &mut all);
    assert!(all.len() > 100, "{}", all.len());
    let mut refused = 0;
    for key in &all {
        let mut taken = 0;
        for value in STRANGE.map(|value| value.replace('$', "x")) {
            let problems = problems(&one(key, &value));
            if problems.is_empty() {
                taken += 1;
                continue;
            }
            refused += 1;
            let own =
                problems.iter().find(|one| one.field == *key || one.field.starts_with(&format!("{key}.")));
            let Some(own) = own else { panic!("{key} = {value}: {problems:?}") };
            assert!(matches!(own.origin, Origin::File { line: 2, .. }), "{key} = {value}: {own}");
            assert!(!own.message.is_empty() && !own.fix.is_empty(), "{key} = {value}: {own}");
            assert!(own.fix != "see `habeas config schema`", "{key} = {value}: {own}");
        }
        // A path or a name may hold what looks strange; a table or a list is none.
        assert!(taken <= 2, "{key} takes {taken} of {STRANGE:?}");
    }
    assert!(refused > 700, "{refused}");
}

#[test]
fn a_key_that_is_not_known_is_told_with_the_nearest() {
    let mut all = Vec::new();
    keys(&schema(), "", &mut all);
    for key in &all {
        let slip = format!("{key}s");
        if all.contains(&slip) {
            continue;
        }
        let problems = problems(&one(&slip, "1"));
        let own = problems.iter().find(|one| one.field == slip);
        let Some(own) = own else { panic!("{slip}: {problems:?}") };
        assert!(matches!(own.origin, Origin::File { line: 2, .. }), "{own}");
        let last = key.rsplit('.').next().unwrap();
        assert!(own.fix.contains(last) || own.fix.starts_with("did you mean"), "{own}");
    }
}

#[test]
fn each_of_several_wrong_entries_of_a_list_is_told_by_its_own_place() {
    let text = "[[mailboxes]]\nname = \"one\"\nkind = \"folder\"\npath = \"/a\"\n\n[[mailboxes]]\nname = \"Two\"\n\
                port = \"many\"\nafter = \"burn\"\n\n[workers]\nroles = [\"api\", \"cook\", \"intake\", \"maid\"]\n";
    let told: Vec<String> = problems(text)
        .iter()
        .map(|one| match &one.origin {
            Origin::File { line, column, .. } => format!("{line}:{column} {}: {}", one.field, one.message),
            other => format!("{other}: {}", one.field),
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn files_that_mean_harm_end_in_a_place_and_nothing_worse() {
    for text in [
        "[".repeat(100_000),
        format!("a = {}", "[".repeat(100_000)),
        format!("a = {}1", "{ a = ".repeat(50_000)),
        "a.".repeat(50_000),
        "\0".to_owned(),
        "\u{202e} = 1".to_owned(),
        "a = 1e400".to_owned(),
    ] {
        let problems = problems(&text);
        assert!(!problems.is_empty());
        assert!(problems.iter().all(|one| matches!(one.origin, Origin::File { .. })), "{problems:?}");
    }
    let line = |n: u32| format!("key{n} = 1\n");
    let many: String = (0..10_000).map(line).collect();
    assert!(problems(&many).len() <= 50, "a wall of problems helps nobody");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("habeas.toml");
    std::fs::write(&file, b"[http]\nlisten = \"\xff\xfe\"\n").unwrap();
    let loaded = crate::checks::sources(Some(&file), &[]).load();
    let told = loaded.unwrap_err().to_string();
    assert!(told.contains("not UTF-8 text from byte 17 on") && told.contains("save it as UTF-8"), "{told}");
    assert!(problems(&example()).is_empty());
}

/// The property of a key, places in lists as 0.
fn property<'s>(schema: &'s Value, key: &str) -> &'s Value {
    key.split('.').fold(schema, |inner, part| {
        let object = inner.get("anyOf").and_then(|any| any.get(0)).unwrap_or(inner);
        if part == "0" { &object["items"] } else { &object["properties"][part] }
    })
}

/// Every number has a largest one that is taken, and one more is told with its line and the number that is taken: none ends
/// as a date beyond the calendar in the middle of the work.
#[test]
fn every_number_has_a_largest_one() {
    let schema = schema();
    let mut all = Vec::new();
    keys(&schema, "", &mut all);
    // The one number in a section that may be left out.
    all.push("verification.sms.timeout_seconds".to_owned());
    let mut numbers = 0;
    for key in &all {
        let property = property(&schema, key);
        let kinds = property["type"].to_string();
        if !kinds.contains("integer") {
            continue;
        }
        numbers += 1;
        let Some(most) = property["maximum"].as_u64() else {
            panic!("{key} has no largest number: {property}")
        };
        let told = |number: u64| {
            let url = if key.contains(".sms.") { "url = \"https://sms.example.com\"\n" } else { "" };
            let problems = problems(&format!("{}{url}", one(key, &number.to_string())));
            problems.into_iter().find(|one| one.field == *key)
        };
        if let Some(own) = told(most) {
            // What else the section says of it, such as that one number goes before another.
            assert!(!own.fix.starts_with(&format!("set it to at most {most}")), "{key} = {most}: {own}");
        }
        let own = told(most + 1);
        let Some(own) = own else { panic!("{key} = {} is taken", most + 1) };
        assert!(matches!(own.origin, Origin::File { line: 2, .. }), "{key}: {own}");
        assert!(!own.fix.is_empty(), "{key}: {own}");
    }
    assert!(numbers > 55, "{numbers}");
}
