//! The whole main job.

use std::path::Path;

use crate::program::Program;

#[test]
fn the_demo_does_the_main_job_and_leaves_something_to_look_at() {
    let program = Program::with("");
    let ran = program.run(&["demo", "--keep", "kept", "--output", "json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let document = ran.json();
    let requests = document["requests"].as_array().unwrap();
    let jobs = |request: &serde_json::Value| request["jobs"].as_array().unwrap().clone();
    let rights: Vec<Vec<String>> = requests
        .iter()
        .map(|request| jobs(request).iter().map(|job| job["right"].as_str().unwrap().to_owned()).collect())
        .collect();
    let expected: [&[&str]; 5] =
        [&["access"], &["deletion"], &["correction"], &["portability"], &["access", "portability"]];
    assert_eq!(rights, expected);
    for request in requests {
        assert_eq!(request["status"], "closed");
        assert!(jobs(request).iter().all(|job| job["status"] == "done"), "{request}");
    }
    assert_eq!(document["packages"].as_array().unwrap().len(), 4);
    assert_eq!(document["stores"].as_array().unwrap().len(), 5);
    let kept = &document["requests"][1]["jobs"][0]["kept"][0];
    assert_eq!((&kept["store"], &kept["rows"]), (&"billing".into(), &2.into()));
    for check in document["checks"].as_array().unwrap() {
        assert_eq!(check["holds"], true, "{check}");
    }
    let log = std::fs::read_to_string(program.path("kept/habeas.log")).unwrap();
    for request in requests {
        assert!(!log.contains(request["email"].as_str().unwrap()), "an address stands in the log");
    }
    looks_around(&program);
}

/// Every other command works on what the demo left.
fn looks_around(program: &Program) {
    let config = program.path("kept/habeas.toml");
    let config = config.to_string_lossy();
    for command in [
        vec!["doctor"],
        vec!["store", "check"],
        vec!["store", "list"],
        vec!["store", "preview", "--email", "hanako.yamada@example.jp"],
        vec!["task", "list"],
        vec!["audit", "verify"],
        vec!["config", "check"],
    ] {
        let arguments: Vec<&str> = ["--config", &config].into_iter().chain(command.iter().copied()).collect();
        let ran = program.run(&arguments);
        assert_eq!(ran.code, 0, "{command:?}: {ran:?}");
    }
    // Links that such a command mails lead to where the daemon listens, whatever port it was given.
    let listen = program.run(&["--config", &config, "config", "show", "--output", "json"]).json();
    let listen = listen["http"]["listen"].as_str().unwrap().to_owned();
    assert!(listen.starts_with("127.0.0.1:") && !listen.ends_with(":0"), "{listen}");
    let preview =
        ["--config", &config, "store", "preview", "--email", "ken.sato@example.jp", "--output", "json"];
    assert_eq!(program.run(&preview).json()["collections"], serde_json::json!([]), "he was deleted");
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let program = Program::with("");
    program.write("full/mine.txt", "mine");
    let ran = program.run(&["demo", "--keep", "full"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(!Path::new(&program.path("full/stores")).exists());
}
