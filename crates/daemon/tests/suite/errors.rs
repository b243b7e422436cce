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
fn programs_get_a_problem_document_for_what_they_type_wrong() {
    let ran = Program::with("").run(&["request", "list", "--state", "asleep", "--output", "json"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
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

/// A store's URL, here in the manifest or in the environment that it names.
const STORE: &str = "[store]\nname = \"shop\"\ndriver = \"postgres\"\nurl = { env = \"SHOP_URL\" }\nproduct = \"Shop\"\n\n\
    [[collection]]\nname = \"customer\"\ntitle = { en = \"a\", ja = \"a\" }\ndelete = \"rows\"\n\
    fields.email = { key = \"email\", category = \"user.contact.email\" }\n";

#[test]
fn addresses_that_nobody_means_are_told_with_their_line_and_nothing_is_started() {
    for (url, means) in [
        ("postgres://habeas:hunter2@169.254.169.254/shop", "a link-local address"),
        ("postgres://habeas:hunter2@0xa9fea9fe/shop", "it means 169.254.169.254"),
        ("postgres://habeas:hunter2@[::ffff:127.0.0.1]/shop", "it means 127.0.0.1"),
        ("postgres://habeas:hunter2@db.test/shop?host=169.254.169.254", "a link-local address"),
        ("mysql://habeas:hunter2@db.test/shop", "not a URL of the driver postgres"),
    ] {
        let program = Program::with("").env("SHOP_URL", url);
        program.write("shops/shop.toml", STORE);
        program.write("habeas.toml", "[stores]\nfolder = \"shops\"\n");
        for command in [&["config", "check"][..], &["store", "check"], &["store", "list"], &["serve"]] {
            let ran = program.run(command);
            assert_eq!(ran.code, 78, "{command:?}: {ran:?}");
            assert!(
                ran.err.contains("shops/shop.toml:4:7: store.url: ") && ran.err.contains(means),
                "{ran:?}"
            );
            assert!(ran.err.contains("Fix: ") && !ran.err.contains("hunter2"), "{ran:?}");
        }
        let ran = program.run(&["config", "check", "--output", "json"]);
        let problem = ran.problem();
        assert_eq!((ran.code, &problem["problems"][0]["line"]), (78, &4.into()), "{ran:?}");
        assert_eq!(problem["problems"][0]["field"], "store.url");
    }
    let allowed =
        Program::with("[stores]\nfolder = \"shops\"\n[network]\nallow_link_local = [\"169.254.7.7\"]\n")
            .env("SHOP_URL", "postgres://habeas:hunter2@169.254.7.7/shop");
    allowed.write("shops/shop.toml", STORE);
    assert_eq!(allowed.run(&["config", "check"]).code, 0);
    let unset = Program::with("[stores]\nfolder = \"shops\"\n");
    unset.write("shops/shop.toml", STORE);
    let ran = unset.run(&["serve"]);
    assert_eq!(ran.code, 78, "{ran:?}");
    assert!(
        ran.err.contains("shop.toml:4:7: store.url: the environment variable SHOP_URL is not set. Fix: "),
        "{ran:?}"
    );
}

#[test]
fn a_configuration_that_means_harm_is_told_with_its_line_and_nothing_is_started() {
    for (text, place) in [
        (
            "[state]\nurl = \"postgres://habeas:hunter2@169.254.169.254/habeas\"\n",
            "habeas.toml:2:1: state.url",
        ),
        ("[mail]\nkind = \"smtp\"\nhost = \"0251.0376.0251.0376\"\n", "habeas.toml:3:1: mail.host"),
        (
            "[[mailboxes]]\nname = \"a\"\nkind = \"folder\"\npath = \"/x\"\n[[mailboxes]]\nname = \"b\"\nport = \"many\"\n",
            "habeas.toml:7:1: mailboxes.1.port",
        ),
        ("[http]\nlisten = \"a\\u0000b\"\n", "habeas.toml:2:1: http.listen: holds control characters"),
        (&"[".repeat(100_000), "habeas.toml:1:"),
    ] {
        let program = Program::with(text);
        for command in [
            &["config", "check"][..],
            &["serve", "--migrate"],
            &["migrate"],
            &["request", "list"],
            &["doctor"],
        ] {
            let ran = program.run(command);
            assert_eq!(ran.code, 78, "{command:?}: {ran:?}");
            assert!(
                ran.err.contains(place) && ran.err.contains("Fix: ") && !ran.err.contains("hunter2"),
                "{ran:?}"
            );
            assert!(ran.out.is_empty() && !program.path("habeas-data").exists(), "{ran:?}");
        }
    }
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
fn what_cannot_be_read_is_told_with_what_can() {
    let program = Program::with("");
    for (command, told) in [
        (&["request", "list", "--state", "open"][..], "awaiting-verification, resolving"),
        (&["task", "list", "--state", "lost"], "waiting, running, done, parked, held, cancelled"),
        (&["task", "list", "--kind", "lost"], "look-up"),
        (&["mail", "list", "--before", "yesterday"], "such as 2026-04-01T09:00:00Z"),
        (&["store", "re-erase", "shop", "--restored-to", "yesterday"], "such as 2026-04-01T09:00:00Z"),
        (&["hold", "place", "--review-on", "soon", "--reason", "x"], "such as 2026-04-01"),
        (&["request", "acknowledge", "x", "--by", "post", "--on", "soon"], "such as 2026-04-01"),
    ] {
        let ran = program.run(command);
        assert!(ran.code == 2 && ran.err.contains(told), "{command:?}: {ran:?}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let ran = Program::with("").run(&["--config", "/nowhere/habeas.toml", "config", "show"]);
    assert_eq!(ran.code, 78);
    assert!(ran.err.contains("/nowhere/habeas.toml"), "{ran:?}");
}

#[test]
fn a_file_that_may_not_be_looked_at_is_not_a_missing_one() {
    let program = Program::with("");
    let file = program.path("habeas.toml");
    std::fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink(&file, &file).unwrap();
    for command in
        [&["config", "show"][..], &["request", "submit", "--email", "a@example.com", "--right", "access"]]
    {
        let ran = program.run(command);
        assert_eq!(ran.code, 78, "{ran:?}");
        assert!(ran.err.contains("cannot read habeas.toml"), "{ran:?}");
        assert!(!program.path("habeas-data").exists(), "{ran:?}");
    }
}

#[test]
fn an_environment_that_is_no_text_stops_only_what_needs_it() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _, process::Command};
    let program = Program::with("");
    let run = |name: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_habeas"));
        command
            .args(["config", "check"])
            .current_dir(program.path(""))
            .env(name, OsStr::from_bytes(b"a\xff"));
        command.output().unwrap()
    };
    std::fs::create_dir_all(program.path("habeas-data/stores")).unwrap();
    let other = run("SOMEBODY_ELSES");
    assert!(!String::from_utf8_lossy(&other.stderr).contains("panicked"), "{other:?}");
    let ours = run("HABEAS__MAIL__HOST");
    assert_eq!(ours.status.code(), Some(78), "{ours:?}");
    let told = String::from_utf8_lossy(&ours.stderr).into_owned();
    assert!(told.contains("HABEAS__MAIL__HOST") && told.contains("is not UTF-8 text"), "{told}");
}

#[test]
fn a_store_that_nobody_registered_is_a_slip_of_the_caller() {
    let program = Program::with("");
    program.write(
        "habeas-data/stores/shop.toml",
        "[store]\nname = \"shop\"\ndriver = \"sqlite\"\nurl = \"sqlite://shop.db?mode=rwc\"\nproduct = \"Shop\"\n\
         title = { en = \"Shop\", ja = \"ショップ\" }\n\n[[collection]]\nname = \"customer\"\n\
         title = { en = \"Customer\", ja = \"お客様\" }\ndelete = \"rows\"\n\
         fields.email = { key = \"email\", category = \"user.contact.email\", provided = true }\n",
    );
    let ran = program.run(&["store", "check", "nosuch"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("use one of: shop"), "{ran:?}");
}

/// What `serve` would end with, `config check` and `doctor` find.
#[test]
fn settings_that_do_not_fit_the_laws_are_told_with_their_line_by_whatever_looks() {
    for (text, place, fix) in [
        (
            "[requests]\ndefault_regime = \"atlantis\"\n",
            "habeas.toml:2:1: requests.default_regime: ",
            "use one of eu_gdpr, jp_appi, uk_gdpr, us_ca",
        ),
        (
            "[requests]\nregimes = [\"us_ca\"]\n",
            "habeas.toml:2:1: requests.regimes: ",
            "add eu_gdpr, or set requests.default_regime",
        ),
        (
            "[approval.eu_gpdr]\ndeletion = \"four-eyes\"\n",
            "habeas.toml:1:11: approval.eu_gpdr: ",
            "use one of eu_gdpr",
        ),
        (
            "[verification.levels.jp_appi]\nportability = \"high\"\n",
            "habeas.toml:2:1: verification.levels.jp_appi.portability: ",
            "leave it out",
        ),
        (
            "[verification.levels.us_ca]\naccess = \"reasonable\"\n",
            "habeas.toml:2:1: verification.levels.us_ca.access: ",
            "set access and portability to the same level",
        ),
        ("[requests]\nregimes_folder = \"laws\"\n", "laws/mine.toml", "correct the data file"),
        (
            "[verification.sign_in]\nurl = \"https://shop.example.com\"\nissuer = \"a\"\naudience = \"b\"\nkey = \"customer_id\"\n\
             public_key = \"nowhere.pem\"\n",
            "nowhere.pem",
            "correct verification.sign_in.public_key",
        ),
    ] {
        let program = Program::with(text);
        program.write("laws/mine.toml", "id = \"mine\"\n");
        program.write(
            "habeas-data/stores/shop.toml",
            &STORE.replace("{ env = \"SHOP_URL\" }", "\"postgres://db.test/shop\""),
        );
        for command in ["check", "serve"] {
            let ran = program.run(if command == "check" { &["config", "check"] } else { &["serve"] });
            assert_eq!(ran.code, 78, "{command}: {ran:?}");
            assert!(ran.err.contains(place) && ran.err.contains(fix), "{place}: {ran:?}");
        }
        let ran = program.run(&["doctor", "--output", "json"]);
        assert_eq!(ran.code, 1, "{ran:?}");
        let found = ran.json()["findings"].as_array().unwrap().clone();
        let laws = found.iter().find(|one| one["part"] == "laws").unwrap();
        assert_eq!(laws["health"], "wrong");
        assert!(laws["message"].as_str().unwrap().contains(place), "{laws}");
    }
}

/// A law whose proof nobody can give is told before somebody asks under it.
#[test]
fn what_nobody_can_prove_is_told_by_whatever_looks() {
    let store = STORE.replace("{ env = \"SHOP_URL\" }", "\"postgres://db.test/shop\"");
    let told = |config: &str, store: &str| {
        let program = Program::with(config);
        program.write("habeas-data/stores/shop.toml", store);
        let ran = program.run(&["config", "check", "--output", "json"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.json()["warnings"].as_array().unwrap().clone()
    };
    let warnings = told("", &store);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    insta::assert_json_snapshot!(warnings[0]);
    let high = told("[verification.levels.eu_gdpr]\ndeletion = \"high\"\n", &store);
    let message = high[0]["message"].as_str().unwrap();
    assert!(message.contains("under eu_gdpr"), "{high:?}");
    assert!(
        message.contains("deletion and corrections of addresses and telephone numbers"),
        "a new address takes what the strictest right takes: {high:?}"
    );
    assert!(high[0]["fix"].as_str().unwrap().contains("write deletion = \"reasonable\" under"), "{high:?}");
    assert_eq!(told("[requests]\nregimes = [\"eu_gdpr\"]\n", &store), Vec::<serde_json::Value>::new());
    let low = "[verification.levels.us_ca]\naccess = \"reasonable\"\nportability = \"reasonable\"\n";
    assert_eq!(told(low, &store), Vec::<serde_json::Value>::new());
    let question = "ask = { kind = \"text\", question = { en = \"a?\", ja = \"a?\" } }";
    let asked =
        ["a", "b", "c"].map(|name| format!("fields.{name} = {{ category = \"user.x\", {question} }}\n"));
    assert_eq!(told("", &format!("{store}{}", asked.concat())), Vec::<serde_json::Value>::new());
    assert_eq!(told("", &format!("{store}{}", asked[..2].concat())).len(), 1, "two are not three");
    let program = Program::with("");
    program.write("habeas-data/stores/shop.toml", &store);
    let found = program.run(&["doctor", "--output", "json"]).json();
    let proof =
        found["findings"].as_array().unwrap().iter().find(|one| one["part"] == "proof").cloned().unwrap();
    assert_eq!(proof["health"], "warning");
    assert_eq!((&proof["message"], &proof["fix"]), (&warnings[0]["message"], &warnings[0]["fix"]));
}
