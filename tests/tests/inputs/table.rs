//! What `tests/README.md` says is tested: each test that it names is there.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// The folder of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The cells of every table of the file: of each row, its first one and the tests that the last one names.
fn rows(text: &str) -> Vec<(String, Vec<String>)> {
    let cells = |line: &str| -> Vec<String> {
        let line = line.trim().trim_start_matches('|').trim_end_matches('|');
        // A pipe inside of backticks is written as `\|`.
        line.replace("\\|", "\u{1}")
            .split('|')
            .map(|cell| cell.replace('\u{1}', "|").trim().to_owned())
            .collect()
    };
    let rows = text.lines().filter(|line| line.trim_start().starts_with('|'));
    let rows =
        rows.map(cells).filter(|cells| cells.iter().any(|cell| !cell.chars().all(|c| "-: ".contains(c))));
    rows.filter(|cells| cells.last().is_some_and(|last| last.contains('`')))
        .map(|cells| {
            let last = cells.last().cloned().unwrap_or_default();
            let tests = last.split('`').skip(1).step_by(2).map(str::to_owned).collect();
            (cells.first().cloned().unwrap_or_default(), tests)
        })
        .collect()
}

/// Whether a file holds a test of that name, in one of the ways in which tests are written here: a function of its own, or one
/// that a list hands to a macro, which runs it on several servers.
fn holds(source: &str, name: &str) -> bool {
    let function = |line: &str| {
        let line = line.trim_start();
        let line =
            line.strip_prefix("pub(super) ").or_else(|| line.strip_prefix("pub(crate) ")).unwrap_or(line);
        let line = line.strip_prefix("async ").unwrap_or(line);
        line.strip_prefix("fn ").is_some_and(|rest| rest.split(['(', '<']).next() == Some(name))
    };
    source.lines().any(function)
}

#[test]
fn every_test_that_the_tables_name_is_there() {
    let readme = std::fs::read_to_string(root().join("tests/README.md")).unwrap();
    let rows = rows(&readme);
    assert!(rows.len() > 50, "{} rows were read", rows.len());
    let (mut missing, mut seen) = (BTreeSet::new(), BTreeSet::new());
    for (case, tests) in &rows {
        assert!(!case.is_empty() && !tests.is_empty(), "{case}: {tests:?}");
        for test in tests {
            seen.insert(test.clone());
            let Some((file, name)) = test.split_once("::") else {
                missing.insert(format!("{case}: `{test}` is not written as path/to/file.rs::name"));
                continue;
            };
            match std::fs::read_to_string(root().join(file)) {
                Ok(source) if holds(&source, name) => {}
                Ok(_) => drop(missing.insert(format!("{case}: {file} holds no test {name}"))),
                Err(_) => drop(missing.insert(format!("{case}: there is no {file}"))),
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.into_iter().collect::<Vec<_>>().join("\n"));
    assert!(seen.len() > 50, "{}", seen.len());
}

#[test]
fn what_the_tables_say_is_read_as_it_is_written() {
    let text =
        "# A\n\n| case | test |\n|---|---|\n| one \\| two | `a.rs::b`, `c.rs::d` |\n| none | by hand |\n";
    assert_eq!(rows(text), [("one | two".to_owned(), vec!["a.rs::b".to_owned(), "c.rs::d".to_owned()])]);
    let source = "async fn one(bed: Bed) {}\n    pub(super) async fn two(x: &dyn Y) {}\nfn three<T>() {}\n// fn four()\n";
    assert!(["one", "two", "three"].iter().all(|name| holds(source, name)));
    assert!(!holds(source, "four") && !holds(source, "on") && !holds(source, "one("));
}
