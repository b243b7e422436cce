//! What can be typed.

use crate::program::Program;

fn help(arguments: &[&str]) -> String {
    let ran = Program::with("").run(arguments);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.out
}

#[test]
fn the_commands() {
    insta::assert_snapshot!(help(&["--help"]));
}

#[test]
fn serving() {
    insta::assert_snapshot!(help(&["serve", "--help"]));
}

#[test]
fn deciding() {
    insta::assert_snapshot!(help(&["request", "--help"]));
}

#[test]
fn submitting() {
    insta::assert_snapshot!(help(&["request", "submit", "--help"]));
}
