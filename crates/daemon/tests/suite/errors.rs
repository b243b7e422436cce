//! Bad input: file, line, field, fix, and the right exit code; nothing is started.

use crate::program::Program;

#[test]
fn a_wrong_configuration_is_told_whole() {
    let program = Program::with("[http]\nlisten = \"everywhere\"\n\n[mial]\nhost = \"x\"\n");
    for command in [["config", "check"], ["request", "list"], ["serve", "--migrate"]] {
        let ran = program.run(&command);
        assert_eq!(ran.code, 78, "{ran:?}");
        assert!(ran.out.is_empty() && !program.path("habeas-data").exists(), "{ran:?}");
        if command[0] == "config" {
            insta::assert_snapshot!(ran.err);
        }
    }
}

#[test]
fn programs_get_a_problem_document() {
    let ran = Program::with("[queue]\nkind = \"rabbitmq\"\n").run(&["config", "check", "--output", "json"]);
    assert_eq!(ran.code, 78);
    insta::assert_json_snapshot!(ran.problem());
}

#[test]
fn a_wrong_manifest_is_told_with_its_line() {
    let program = Program::with("");
    program.write(
        "habeas-data/stores/shop.toml",
        "[store]\nname = \"shop\"\ndriver = \"sqlite\"\nurl = \"sqlite://shop.db\"\nproduct = \"Shop\"\n\n\
         [[collection]]\nname = \"customer\"\nfields.email = { key = \"email\", catgory = \"user.contact.email\" }\n",
    );
    for command in [["store", "check"], ["config", "check"]] {
        let ran = program.run(&command);
        assert_eq!(ran.code, 78, "{ran:?}");
        assert!(ran.err.contains("shop.toml:9:") && ran.err.contains("did you mean `category`?"), "{ran:?}");
    }
    assert_eq!(program.run(&["serve"]).code, 78);
}

#[test]
fn a_secret_is_never_shown() {
    let program = Program::with("").env("HABEAS__STATE__URL", "postgres://habeas:hunter2@db.test/habeas");
    for format in ["table", "json"] {
        let ran = program.run(&["config", "show", "--output", format]);
        assert_eq!(ran.code, 0);
        assert!(ran.out.contains("[secret]") && !ran.out.contains("hunter2"), "{ran:?}");
    }
}

#[test]
fn what_is_away_is_69_and_what_cannot_be_typed_is_2() {
    let away = Program::with(
        "[state]\nurl = \"postgres://habeas@127.0.0.1:1/habeas\"\nconnect_timeout_seconds = 1\n",
    );
    let ran = away.run(&["migrate"]);
    assert_eq!(ran.code, 69, "{ran:?}");
    assert!(ran.err.contains("fix:"), "{ran:?}");
    assert_eq!(Program::with("").run(&["request", "approve"]).code, 2);
    assert_eq!(Program::with("").run(&["doctor", "--quick"]).code, 69);
}

#[test]
fn a_missing_file_is_named() {
    let ran = Program::with("").run(&["--config", "/nowhere/habeas.toml", "config", "show"]);
    assert_eq!(ran.code, 78);
    assert!(ran.err.contains("/nowhere/habeas.toml"), "{ran:?}");
}
