//! Staff at the command line: every call has a token, and is attributed to it.

use crate::program::Program;

#[test]
fn what_nobody_serves_takes_nothing() {
    let program = Program::with("");
    program.write("mail.eml", "From: a@example.com\r\n\r\nSend me my data\r\n");
    let asks = ["request", "submit", "--email", "a@example.com", "--right", "access"];
    for command in [
        &asks[..],
        &["mail", "import", "mail.eml"],
        &["token", "create", "a", "--holder", "a", "--scope", "admin"],
    ] {
        let ran = program.run(command);
        assert_eq!(ran.code, 78, "{ran:?}");
        assert!(ran.err.contains("there is no installation at [folder]/habeas-data"), "{ran:?}");
        assert!(ran.err.contains("start `habeas serve`"), "{ran:?}");
        assert!(!program.path("habeas-data").exists(), "{command:?}");
    }
    assert_eq!(program.pipe(&["mail", "import", "-"], "From: a@example.com\r\n\r\nhello\r\n").code, 75);
    assert_eq!(program.run(&["doctor"]).code, 1, "no manifests yet");
    assert!(!program.path("habeas-data/state.db").exists(), "looking makes nothing");
    assert_eq!(program.run(&["migrate"]).code, 0);
    assert_eq!(program.run(&asks).code, 0);
}

/// What somebody asks on the telephone is typed in by whoever takes the call.
#[test]
fn a_telephone_call_is_typed_in() {
    let program = Program::installed("");
    let asks = ["request", "submit", "--email", "taro@example.jp", "--right", "access", "--output", "json"];
    let more =
        ["--phone", "+81 90 0000 0000", "--reference", "CALL-7", "--message", "He wants his orders, too."];
    let ran = program.run(&[&asks[..], &more].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    let reference = ran.json()["reference"].as_str().unwrap().to_owned();
    let shown = program.run(&["request", "show", &reference, "--personal", "--output", "json"]).json();
    let personal = &shown["personal"]["submission"];
    assert_eq!(personal["subject"]["phone"], "+819000000000", "{personal}");
    assert_eq!(personal["external_reference"], "CALL-7", "{personal}");
    assert_eq!(personal["message"], "He wants his orders, too.", "{personal}");
    let listed = |of: &str| program.run(&["task", "list", "--request", of, "--output", "json"]);
    let work = listed(&reference).json();
    assert!(!work["work"].as_array().unwrap().is_empty(), "{work}");
    assert_eq!(work, listed(ran.json()["id"].as_str().unwrap()).json());
    assert_eq!(program.run(&["mail", "list", "--request", &reference]).code, 0);
    assert_eq!(listed("HB-0000-0000").code, 1);
}

#[test]
fn the_embedded_default_makes_its_own_token_and_takes_a_request() {
    let program = Program::installed("");
    let ran = program.run(&[
        "request",
        "submit",
        "--email",
        "taro@example.jp",
        "--right",
        "access,deletion",
        "--regime",
        "jp_appi",
        "--language",
        "ja",
        "--output",
        "json",
    ]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let id = ran.json()["id"].as_str().unwrap().to_owned();
    let listed = program.run(&["request", "list", "--open", "--output", "json"]).json();
    assert_eq!(listed["requests"][0]["id"], id.as_str());
    assert_eq!(listed["requests"][0]["status"], "awaiting-verification");
    assert!(!listed.to_string().contains("taro@example.jp"), "a list names nobody");
    let reference = listed["requests"][0]["reference"].as_str().unwrap().to_owned();
    let shown = program.run(&["request", "show", &reference, "--trail", "--output", "json"]).json();
    assert!(shown["trail"][0]["by"].as_str().unwrap().starts_with("token:"));
    let personal = program.run(&["request", "show", &reference, "--personal", "--output", "json"]).json();
    assert!(personal["personal"].to_string().contains("taro@example.jp"));
    let withdrawn = program.run(&["request", "withdraw", &reference]);
    assert_eq!(withdrawn.code, 0, "{withdrawn:?}");
    for more in
        [&["withdraw", &reference][..], &["acknowledge", &reference, "--by", "post", "--on", "2026-04-01"]]
    {
        let ran = program.run(&[&["request"][..], more].concat());
        assert!(ran.code == 1 && ran.err.contains("the request is closed"), "{ran:?}");
    }
    assert_eq!(program.run(&["audit", "verify"]).code, 0);
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(program.path("habeas-data/admin.token")).unwrap().permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_submission_is_judged_field_by_field() {
    let program = Program::installed("");
    program.write(
        "wrong.json",
        r#"{"subject":{"email":"two@example.com, three@example.com"},"rights":["everything"],"x":1}"#,
    );
    let ran = program.run(&["request", "submit", "--file", "wrong.json", "--output", "json"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    insta::assert_json_snapshot!(ran.problem());
    assert!(!ran.err.contains("three@example.com"));
}

#[test]
fn a_token_allows_what_it_says_until_it_is_revoked() {
    let program = Program::installed("");
    let made = program.run(&[
        "token",
        "create",
        "ops",
        "--holder",
        "Ops",
        "--scope",
        "read,operate",
        "--output",
        "json",
    ]);
    assert_eq!(made.code, 0, "{made:?}");
    let (token, id) =
        (made.json()["token"].as_str().unwrap().to_owned(), made.json()["id"].as_str().unwrap().to_owned());
    assert_eq!(program.run(&["task", "list", "--token", &token]).code, 0);
    let refused = program.run(&["token", "list", "--token", &token]);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("lacks the scope `admin`"), "{refused:?}");
    assert_eq!(program.run(&["token", "revoke", &id]).code, 0);
    assert_eq!(program.run(&["task", "list", "--token", &token]).code, 1);
    assert_eq!(program.run(&["task", "list", "--token", "nonsense"]).code, 1);
    let shown = program.run(&["token", "show", &id, "--output", "json"]).json();
    let events: Vec<_> =
        shown["trail"].as_array().unwrap().iter().map(|entry| entry["event"].as_str().unwrap()).collect();
    assert_eq!((events, &shown["token"]["holder"]), (vec!["token-made", "token-revoked"], &"Ops".into()));
    let text = program.run(&["token", "show", &id]).out;
    assert!(text.contains("token-revoked") && text.contains("HOLDER"), "{text}");
}

#[test]
fn a_checkpoint_is_written_and_checked() {
    let program = Program::installed("");
    assert_eq!(program.run(&["request", "submit", "--email", "a@example.com", "--right", "access"]).code, 0);
    assert_eq!(program.run(&["audit", "checkpoint", "out.jsonl"]).code, 0);
    assert_eq!(program.run(&["audit", "verify", "--against", "out.jsonl"]).code, 0);
    assert_eq!(program.run(&["audit", "checkpoint", "out.jsonl"]).code, 2, "never overwrites one");
    let whole = std::fs::read_to_string(program.path("out.jsonl")).unwrap();
    let other = whole.replacen("\"chains\":2", "\"chains\":3", 1);
    assert_ne!(other, whole, "that of the request, and that of the token's holder");
    program.write("cut.jsonl", &other);
    let broken = program.run(&["audit", "verify", "--against", "cut.jsonl"]);
    assert_eq!(broken.code, 1, "{broken:?}");
}

#[test]
fn a_token_that_is_not_held_or_without_end_is_not_made() {
    let program = Program::installed("");
    let create =
        |more: &[&str]| program.run(&[&["token", "create", "ops", "--scope", "read"], more].concat());
    assert_eq!(create(&[]).code, 2, "nobody holds it");
    for wrong in [["--holder", ""], ["--holder", "a\u{1b}[2J"], ["--holder", &"x".repeat(101)]] {
        assert_eq!(create(&wrong).code, 2, "{wrong:?}");
    }
    for days in ["0", "367", "40000"] {
        assert_eq!(create(&["--holder", "Ops", "--days", days]).code, 2, "{days}");
    }
    let made = create(&["--holder", "Ops"]);
    assert_eq!(made.code, 0, "{made:?}");
    let listed = program.run(&["token", "list"]);
    assert!(listed.out.contains("HOLDER") && listed.out.contains("Ops"), "{listed:?}");
    assert_eq!(program.run(&["audit", "verify"]).code, 0);
}

#[test]
fn a_letter_takes_only_what_can_be_read() {
    let program = Program::installed("");
    let asks = ["request", "submit", "--email", "a@example.com", "--right", "access", "--output", "json"];
    let id = program.run(&asks).json()["id"].as_str().unwrap().to_owned();
    let long = "x".repeat(501);
    for wrong in ["", " ", "a\nb", "\u{1b}[2J", &long] {
        let ran = program.run(&["request", "extend", &id, "--reason", wrong]);
        assert_eq!(ran.code, 2, "{ran:?}");
    }
    let long = "x".repeat(1_001);
    for wrong in ["", "\u{1b}[2J", &long] {
        let refused =
            program.run(&["request", "refuse", &id, "--reason", "identity-not-proven", "--note", wrong]);
        assert_eq!(refused.code, 2, "{refused:?}");
    }
    let shown = program.run(&["request", "show", &id, "--output", "json"]).json();
    assert_eq!(
        (&shown["extensions"], &shown["status"]),
        (&0.into(), &"awaiting-verification".into()),
        "{shown}"
    );
}

#[test]
fn a_submission_that_is_too_long_is_not_cut() {
    let program = Program::installed("");
    let whole = r#"{"subject":{"email":"a@example.com"},"rights":["access"]}"#;
    program.write("long.json", &format!("{whole}{}", " ".repeat(1 << 20)));
    let ran = program.run(&["request", "submit", "--file", "long.json"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("longer than 1048576 bytes"), "{ran:?}");
}

#[test]
fn what_ops_look_at_takes_the_same_scope_as_in_the_api() {
    let program = Program::installed("");
    let made =
        program.run(&["token", "create", "r", "--holder", "Aoki", "--scope", "read", "--output", "json"]);
    let token = made.json()["token"].as_str().unwrap().to_owned();
    for command in [["task", "list"], ["store", "closed"], ["store", "closings"]] {
        let refused = program.run(&[&command[..], &["--token", &token]].concat());
        assert_eq!(refused.code, 1, "{refused:?}");
        assert!(refused.err.contains("lacks the scope `operate`"), "{refused:?}");
    }
}
