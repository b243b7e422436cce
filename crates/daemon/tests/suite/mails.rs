//! `habeas mail`: mails that are handed over, listed, looked at and decided at the command line.

use serde_json::Value;

use crate::program::{Program, Ran};

const ASKS: &str = "From: Hanako <hanako@example.jp>\nTo: privacy@example.com\nMessage-ID: <1@mail.example.jp>\n\
    Subject: My data\n\nPlease send me a copy of my data.\n";

/// Ids and moments differ from run to run.
fn masked(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "[id]");
    settings.add_filter("20[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+( UTC|Z)?", "[moment]");
    settings.bind(|| insta::assert_snapshot!(name, text));
}

fn ok(ran: Ran) -> Ran {
    assert_eq!(ran.code, 0, "{ran:?}");
    ran
}

fn mails(program: &Program) -> Vec<Value> {
    ok(program.run(&["mail", "list", "--output", "json"])).json()["mails"].as_array().unwrap().clone()
}

/// A program with one mail in it that nobody has read yet, and the mail's id.
fn with_a_mail() -> (Program, String) {
    let program = Program::installed("");
    program.write("mail.eml", ASKS);
    ok(program.run(&["mail", "import", "mail.eml"]));
    let id = mails(&program)[0]["id"].as_str().unwrap().to_owned();
    (program, id)
}

#[test]
fn mails_are_taken_from_files_folders_and_mboxes_once() {
    let program = Program::installed("");
    program.write("one/a.eml", ASKS);
    program.write("one/b.eml", &ASKS.replace("1@", "2@"));
    program.write("one/notes.txt", "no mail");
    let mbox = "From a@example.jp Fri Mar  1 12:34:56 2024\n";
    program.write(
        "old.mbox",
        &format!("{mbox}{}\n{mbox}{}", ASKS.replace("1@", "3@"), ASKS.replace("1@", "4@")),
    );
    let counts = |ran: Ran| ok(ran).json();
    let folder = counts(program.run(&["mail", "import", "one", "--output", "json"]));
    assert_eq!(folder, serde_json::json!({ "stored": 2, "known": 0, "too_large": 0 }));
    let again = counts(program.run(&["mail", "import", "one/a.eml", "--output", "json"]));
    assert_eq!(again["known"], 1);
    let both = counts(program.run(&["mail", "import", "old.mbox", "--mailbox", "old", "--output", "json"]));
    assert_eq!(both["stored"], 2);
    let large = counts(program.run(&["mail", "import", "old.mbox", "--max-bytes", "10", "--output", "json"]));
    assert_eq!(large["too_large"], 2);
    assert_eq!(mails(&program).len(), 6);
    let said = ok(program.run(&["mail", "import", "one"]));
    assert!(said.out.contains("0 stored, 2 known already"), "{said:?}");
    let nowhere = program.run(&["mail", "import", "nowhere"]);
    assert_eq!(nowhere.code, 2);
    assert!(nowhere.err.contains("cannot read nowhere: No such file or directory"), "{nowhere:?}");
    assert!(nowhere.err.contains("nothing was stored"), "{nowhere:?}");
    program.write("empty/notes.txt", "no mail");
    let none = ok(program.run(&["mail", "import", "empty"]));
    assert!(none.out.contains("there is no mail in it"), "{none:?}");
}

#[test]
fn one_mail_that_cannot_be_decided_keeps_no_other_from_it() {
    let (program, first) = with_a_mail();
    program.write("b.eml", &ASKS.replace("1@", "2@"));
    ok(program.run(&["mail", "import", "b.eml"]));
    let all = mails(&program);
    let second = all.iter().map(|mail| mail["id"].as_str().unwrap()).find(|id| *id != first).unwrap();
    let unknown = "0193b5c0-0000-7000-8000-000000000000";
    let dismissed =
        program.run(&["mail", "dismiss", &first, unknown, second, "--reason", "x", "--output", "json"]);
    assert_eq!(dismissed.code, 1, "{dismissed:?}");
    let told = dismissed.json();
    assert_eq!(told["mails"], serde_json::json!([first, second]));
    assert_eq!(told["failed"][0]["mail"], unknown, "{told}");
    assert!(mails(&program).iter().all(|mail| mail["state"] == "ignored"));
    for command in ["read-again", "mark-read"] {
        let ran = program.run(&["mail", command, unknown, &first, second]);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.out.contains(&format!("{unknown}: error: ")), "{ran:?}");
    }
    assert!(mails(&program).iter().all(|mail| mail["state"] == "stored"), "both are read again");
}

#[test]
fn a_pipe_ends_as_mail_servers_expect() {
    let program =
        Program::installed("").env("CLIENT_ADDRESS", "203.0.113.5").env("SENDER", "hanako@example.jp");
    ok(program.pipe(&["mail", "import", "-"], ASKS));
    assert_eq!(mails(&program).len(), 1);
    let options =
        ["mail", "import", "-", "--client-ip", "2001:db8::5", "--helo", "mx.example.jp", "--mail-from", ""];
    ok(program.pipe(&options, &ASKS.replace("1@", "2@")));
    let wrong = program.pipe(&["mail", "import", "-", "--client-ip", "localhost"], ASKS);
    assert_eq!(wrong.code, 2, "{wrong:?}");
    program.write("mail.eml", ASKS);
    let misplaced = program.run(&["mail", "import", "mail.eml", "--helo", "x"]);
    assert_eq!(misplaced.code, 2, "{misplaced:?}");
    let later = program.pipe(&["mail", "import", "-", "--token", "nonsense"], ASKS);
    assert_eq!(later.code, 75, "try again later: {later:?}");
}

#[test]
fn a_mail_that_is_too_large_for_a_pipe_is_refused_and_its_header_kept() {
    let program =
        Program::installed("").env("CLIENT_ADDRESS", "203.0.113.5").env("SENDER", "hanako@example.jp");
    // As Postfix hands it over: with an envelope line, and without.
    for start in ["", "From hanako@example.jp Fri Mar  1 12:34:56 2024\n"] {
        let refused = program.pipe(&["mail", "import", "-", "--max-bytes", "120"], &format!("{start}{ASKS}"));
        assert_eq!(refused.code, 65, "the sender is to hear of it: {refused:?}");
        assert!(!refused.err.contains("hanako"), "{refused:?}");
    }
    let listed = mails(&program);
    assert_eq!(listed.len(), 2);
    for mail in listed {
        assert_eq!(mail["state"], "parked");
        assert!(mail["reason"].as_str().unwrap().contains("refused"), "{mail}");
        let id = mail["id"].as_str().unwrap();
        let shown = ok(program.run(&["mail", "show", id, "--reveal", "--output", "json"])).json();
        let header = shown["content"]["header"].as_str().unwrap();
        assert!(header.starts_with("From: Hanako <hanako@example.jp>"), "{header}");
        assert!(shown["content"]["understanding"].is_null());
    }
}

#[test]
fn a_list_names_nobody_and_goes_on() {
    let (program, id) = with_a_mail();
    let table = ok(program.run(&["mail", "list"])).out;
    masked("mail-list", &table);
    program.write("b.eml", &ASKS.replace("1@", "2@"));
    ok(program.run(&["mail", "import", "b.eml", "--mailbox", "other"]));
    let page = ok(program.run(&["mail", "list", "--limit", "1", "--output", "json"])).json();
    let next = page["next"].as_str().unwrap().to_owned();
    let rest = ok(program.run(&["mail", "list", "--cursor", &next, "--output", "json"])).json();
    assert_eq!((&rest["mails"][0]["id"], &rest["next"]), (&Value::from(id), &Value::Null));
    for (filter, value, found) in [
        ("--mailbox", "other", 1),
        ("--state", "stored", 2),
        ("--state", "proposal", 0),
        ("--verdict", "bounce", 0),
    ] {
        let listed = ok(program.run(&["mail", "list", filter, value, "--output", "json"])).json();
        assert_eq!(listed["mails"].as_array().unwrap().len(), found, "{filter} {value}");
        assert!(!listed.to_string().contains("hanako"));
    }
    assert_eq!(program.run(&["mail", "list", "--state", "lost"]).code, 2);
}

#[test]
fn a_mail_is_shown_and_had_again() {
    let (program, id) = with_a_mail();
    masked("mail-show", &ok(program.run(&["mail", "show", &id])).out);
    let json = ok(program.run(&["mail", "show", &id, "--output", "json"])).json();
    masked("mail-show-json", &serde_json::to_string_pretty(&json).unwrap());
    let revealed = ok(program.run(&["mail", "show", &id, "--reveal", "--output", "json"])).json();
    assert!(revealed["content"]["understanding"].is_null(), "nobody has read it yet");
    ok(program.run(&["mail", "raw", &id, "--to", "out.eml"]));
    assert_eq!(std::fs::read_to_string(program.path("out.eml")).unwrap(), ASKS);
    let unknown = "0193b5c0-0000-7000-8000-000000000000";
    for command in ["show", "raw", "read-again", "mark-read", "accept"] {
        let mut arguments = vec!["mail", command, unknown];
        if command == "raw" {
            arguments.extend(["--to", "x.eml"]);
        }
        let ran = program.run(&arguments);
        assert_eq!(ran.code, 1, "{command}: {ran:?}");
        assert!(ran.err.contains("no such mail") || ran.err.contains("there is no"), "{command}: {ran:?}");
        assert_eq!(program.run(&["mail", command, "x"]).code, 2);
    }
}

#[test]
fn staff_decide_a_mail() {
    let (program, id) = with_a_mail();
    let early = program.run(&["mail", "accept", &id]);
    assert_eq!(early.code, 1, "it is still being read: {early:?}");
    ok(program.run(&["mail", "dismiss", &id, "--reason", "Hanako rang: a mistake."]));
    let json = ok(program.run(&["mail", "show", &id, "--output", "json"])).json();
    assert_eq!(json["state"], "ignored");
    assert_eq!(program.run(&["mail", "dismiss", &id, "--reason", "again"]).code, 1);
    ok(program.run(&["mail", "read-again", &id]));
    let request = ok(program.run(&[
        "request",
        "submit",
        "--email",
        "hanako@example.jp",
        "--right",
        "access",
        "--output",
        "json",
    ]));
    let request = request.json()["id"].as_str().unwrap().to_owned();
    ok(program.run(&["mail", "file", &id, "--request", &request]));
    let shown = ok(program.run(&["request", "show", &request, "--output", "json"])).json();
    assert_eq!(shown["received_mails"][0]["written_by"], "other", "who wrote it was not read yet");
    let table = ok(program.run(&["request", "show", &request])).out;
    assert!(table.contains("CAME IN") && table.contains("ANOTHER ADDRESS"), "{table}");
    ok(program.run(&["mail", "mark-read", &id]));
    assert_eq!(program.run(&["mail", "mark-read", &request]).code, 1, "that is no mail");
    assert_eq!(ok(program.run(&["audit", "verify"])).code, 0);
}

#[test]
fn each_command_takes_the_scope_that_it_needs() {
    let (program, id) = with_a_mail();
    let token = |scopes: &str| {
        let made = ok(program
            .run(&["token", "create", scopes, "--holder", "Aoki", "--scope", scopes, "--output", "json"]));
        made.json()["token"].as_str().unwrap().to_owned()
    };
    let (read, submit) = (token("read"), token("submit"));
    let code = |arguments: &[&str], token: &str| {
        let arguments: Vec<&str> = arguments.iter().chain(&["--token", token]).copied().collect();
        program.run(&arguments).code
    };
    assert_eq!((code(&["mail", "list"], &read), code(&["mail", "list"], &submit)), (0, 1));
    assert_eq!(
        (code(&["mail", "import", "mail.eml"], &submit), code(&["mail", "import", "mail.eml"], &read)),
        (0, 1)
    );
    assert_eq!(
        (code(&["mail", "show", &id], &read), code(&["mail", "show", &id, "--reveal"], &read)),
        (0, 1)
    );
    for decision in [
        vec!["accept", &id],
        vec!["raw", &id, "--to", "x.eml"],
        vec!["read-again", &id],
        vec!["dismiss", &id, "--reason", "x"],
    ] {
        let arguments: Vec<&str> = std::iter::once("mail").chain(decision).collect();
        assert_eq!(code(&arguments, &read), 1, "{arguments:?}");
        assert_eq!(code(&arguments, &submit), 1, "{arguments:?}");
    }
}
