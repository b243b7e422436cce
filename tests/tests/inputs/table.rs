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

/// Whether a file holds a test of that name, in one of the ways in which tests are written here: a function that is marked as
/// one, or one that a list hands to a macro, which runs it on several servers. `lists` is where such a list may stand.
fn holds(source: &str, lists: &str, name: &str) -> bool {
    let lines: Vec<&str> = source.lines().collect();
    let defined = lines.iter().position(|line| is_function(line, name));
    defined.is_some_and(|at| is_marked(&lines[..at])) || defined.is_some() && is_listed(lists, name)
}

fn is_function(line: &str, name: &str) -> bool {
    let line = line.trim_start();
    let line = line.strip_prefix("pub(super) ").or_else(|| line.strip_prefix("pub(crate) ")).unwrap_or(line);
    let line = line.strip_prefix("async ").unwrap_or(line);
    line.strip_prefix("fn ").is_some_and(|rest| rest.split(['(', '<']).next() == Some(name))
}

/// Whether the attributes and comments at the end of these lines mark what follows as a test.
fn is_marked(before: &[&str]) -> bool {
    let above = before.iter().rev().map(|line| line.trim_start());
    let mut attributes = above.take_while(|line| line.starts_with("#[") || line.starts_with("//"));
    attributes.any(|line| {
        line.strip_prefix("#[").is_some_and(|rest| {
            let path = rest.split(['(', ']']).next().unwrap_or_default();
            path.rsplit("::").next() == Some("test")
        })
    })
}

/// Whether a macro is called with this name among others, as `on_both!(one, two)` is. What asserts or prints makes no tests.
fn is_listed(source: &str, name: &str) -> bool {
    const OTHERS: [&str; 5] = ["assert", "panic", "print", "format", "write"];
    let calls = source.match_indices('!').filter_map(|(at, _)| {
        let called = source[..at].rsplit(|c: char| !c.is_alphanumeric() && c != '_').next()?;
        let list = source[at + 1..].trim_start().strip_prefix(['(', '{'])?;
        (!called.is_empty() && !OTHERS.iter().any(|other| called.contains(other))).then_some(list)
    });
    let mut lists = calls.map(|list| &list[..end(list)]);
    lists.any(|list| {
        list.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '(').any(|word| word == name)
    })
}

/// Where the bracket closes before which this text begins.
fn end(text: &str) -> usize {
    let mut open = 1_i32;
    let closes = text.char_indices().find(|(_, c)| {
        open += i32::from(matches!(c, '(' | '{')) - i32::from(matches!(c, ')' | '}'));
        open == 0
    });
    closes.map_or(text.len(), |(at, _)| at)
}

/// A file, with what stands beside it under the name of its folder: `cases.rs` lists what the files in `cases` hold.
fn read(file: &str) -> Option<(String, String)> {
    let path = root().join(file);
    let source = std::fs::read_to_string(&path).ok()?;
    let beside = path.parent().map(|folder| folder.with_extension("rs"));
    let beside = beside.and_then(|file| std::fs::read_to_string(file).ok()).unwrap_or_default();
    let lists = format!("{source}\n{beside}");
    Some((source, lists))
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
            match read(file) {
                Some((source, lists)) if holds(&source, &lists, name) => {}
                Some(_) => drop(missing.insert(format!("{case}: {file} holds no test {name}"))),
                None => drop(missing.insert(format!("{case}: there is no {file}"))),
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
}

#[test]
fn a_function_that_nobody_runs_proves_nothing() {
    let source = "on_both!(\n    one,\n    two: \"text\",\n);\nasync fn one(bed: Bed) {}\n    pub(super) async fn two(x: &dyn Y) {}\n\
        /// Some.\n#[tokio::test(flavor = \"multi_thread\")]\n// More.\nasync fn three<T>() {}\n#[test]\nfn four() {\n\
        assert!(helper, \"{}\", one(helper));\n}\nfn helper() {}\n#[expect(dead_code)]\nfn test() {}\n// fn gone()\n";
    for name in ["one", "two", "three", "four"] {
        assert!(holds(source, source, name), "{name}");
    }
    for name in ["helper", "test", "gone", "on", "one(", "Some"] {
        assert!(!holds(source, source, name), "{name}");
    }
    assert!(holds("pub(super) async fn five() {}", "cases! { |_| true => finding { four, five } }", "five"));
    assert!(!holds("fn six() {}", "cases! { five } six", "six"), "the list has ended");
}
