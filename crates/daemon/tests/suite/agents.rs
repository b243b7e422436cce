//! Agents at the command line.

use serde_json::Value;

use crate::program::{Program, Ran};

const AGENT: [&str; 6] =
    ["--agent-name", "Alex Agent", "--agent-email", "alex@agents.example", "--mandate", "signed-permission"];

fn bulk(program: &Program, file: &str, more: &[&str]) -> Ran {
    let command = ["request", "submit", "--bulk", file, "--output", "json"];
    program.run(&[command.as_slice(), &AGENT, more].concat())
}

#[test]
fn a_table_is_handed_in_row_by_row_and_again_without_harm() {
    let program = Program::installed("");
    program.write(
        "november.csv",
        "email,rights,name,reference\n\
         hanako@example.jp,access,山田 花子,P-1\n\
         two@example.com and more,access,,\n\
         taro@example.com,\"access, deletion\",,P-2\n\
         jiro@example.com\n\
         saburo@example.com,fly,,\n",
    );
    let ran = bulk(&program, "november.csv", &["--regime", "jp_appi"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let json = ran.json();
    assert_eq!((&json["accepted"], &json["refused"]), (&Value::from(2), &Value::from(3)));
    let wrong: Vec<(u64, &str)> = json["lines"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["id"].is_null())
        .map(|line| (line["line"].as_u64().unwrap(), line["problems"][0]["field"].as_str().unwrap()))
        .collect();
    assert_eq!(wrong, [(3, "subject.email"), (5, "submission"), (6, "rights[0]")]);
    assert!(!ran.out.contains("two@example.com"), "no value is repeated");
    let again = bulk(&program, "november.csv", &["--regime", "jp_appi"]).json();
    assert_eq!((&again["accepted"], &again["repeated"]), (&Value::from(2), &Value::from(2)));
    assert_eq!(again["batch"], json["batch"]);
    let listed = program.run(&["request", "list", "--open", "--output", "json"]).json();
    assert_eq!(listed["requests"].as_array().map(Vec::len), Some(2));
    assert_eq!(listed["requests"][0]["waits_for"][0], "agent");
}

#[test]
fn lines_of_json_are_handed_in_and_told_by_their_number() {
    let program = Program::installed("");
    let long = format!("{{\"message\":\"{}\"}}", "x".repeat(70_000));
    let text = format!(
        "{}\n\nnot json\n{long}\n{}\n",
        r#"{"subject":{"email":"hanako@example.jp"},"rights":["access"],"key":"1"}"#,
        r#"{"subject":{"email":"taro@example.jp"},"rights":["access"],"agent":{"reference":"P-2"}}"#,
    );
    program.write("lines.ndjson", &text);
    let ran = bulk(&program, "lines.ndjson", &["--batch", "2026-11"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let lines: Vec<(Value, bool)> = ran.json()["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["line"].clone(), line["id"].is_string()))
        .collect();
    assert_eq!(lines, [(1.into(), true), (3.into(), false), (4.into(), false), (5.into(), true)]);
}

#[test]
fn a_file_that_is_neither_a_table_nor_lines_is_refused_as_a_whole() {
    let program = Program::installed("");
    program.write("requests.txt", "hanako@example.jp");
    program.write("nobody.csv", "hanako@example.jp,access\n");
    let ran = bulk(&program, "requests.txt", &[]);
    assert!(ran.code == 2 && ran.err.contains(".ndjson"), "{ran:?}");
    let ran = bulk(&program, "nobody.csv", &[]);
    assert!(ran.code == 2 && ran.err.contains("external_reference"), "{ran:?}");
    assert!(!ran.err.contains("hanako"), "a table without a header is not repeated");
    let ran = program.run(&["request", "submit", "--bulk", "nobody.csv"]);
    assert_eq!(ran.code, 2, "who asks has to be said");
}

#[test]
fn an_agent_is_barred_with_a_reason_and_staff_go_on_without_them() {
    let program = Program::installed("");
    let submit =
        ["request", "submit", "--email", "hanako@example.jp", "--right", "access", "--output", "json"];
    let ran = program.run(&[submit.as_slice(), &AGENT].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    let request = ran.json()["id"].as_str().unwrap().to_owned();
    let listed = program.run(&["agent", "list", "--output", "json"]).json();
    let agent = listed["agents"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(program.run(&["agent", "bar", &agent]).code, 2, "a reason is needed");
    let barred = program.run(&["agent", "bar", &agent, "--reason", "flood", "--output", "json"]);
    assert_eq!(barred.code, 0, "{barred:?}");
    let barred = barred.json();
    assert_eq!(
        (&barred["agent"]["reason"], &barred["trail"][0]["event"]),
        (&"flood".into(), &"agent-barred".into())
    );
    assert_eq!(barred["trail"][0]["detail"]["reason"], "flood");
    let shown = program.run(&["request", "show", &request]);
    assert!(shown.out.contains("barred") && shown.out.contains("staff-agent"), "{shown:?}");
    assert_eq!(program.run(&["request", "drop-agent", &request]).code, 0);
    let shown = program.run(&["request", "show", &request, "--output", "json"]).json();
    assert!(shown["agent_ended_at"].is_string(), "{shown}");
    assert_eq!(program.run(&["agent", "unbar", &agent, "--reason", "cleared"]).code, 0);
    assert_eq!(program.run(&["agent", "ask", &agent]).code, 0);
    assert_eq!(program.run(&["audit", "verify"]).code, 0);
}

#[test]
fn what_was_stopped_with_an_agent_is_shown_and_goes_on_when_they_are_unbarred() {
    let program = Program::installed("");
    let submit =
        ["request", "submit", "--email", "hanako@example.jp", "--right", "access", "--output", "json"];
    let request =
        program.run(&[submit.as_slice(), &AGENT].concat()).json()["id"].as_str().unwrap().to_owned();
    let listed = program.run(&["agent", "list", "--output", "json"]).json();
    let agent = listed["agents"][0]["id"].as_str().unwrap().to_owned();
    program.run(&["agent", "bar", &agent, "--reason", "mistake"]);
    let count = |filter: &[&str]| {
        let command = ["request", "list", "--output", "json"];
        let listed = program.run(&[command.as_slice(), filter].concat());
        listed.json()["requests"].as_array().unwrap().len()
    };
    let filters: [(&[&str], usize); 5] = [
        (&["--agent-stopped"], 1),
        (&["--by-agent"], 1),
        (&["--agent", &agent], 1),
        (&["--child"], 0),
        (&["--paper-to-judge"], 0),
    ];
    for (filter, found) in filters {
        assert_eq!(count(filter), found, "{filter:?}");
    }
    let unbarred = program.run(&["agent", "unbar", &agent, "--reason", "cleared"]);
    assert!(unbarred.out.contains("STOPPED") && unbarred.out.contains(&request), "{unbarred:?}");
    let resumed =
        program.run(&["agent", "unbar", &agent, "--reason", "cleared", "--resume", "--output", "json"]);
    assert_eq!(resumed.code, 0, "{resumed:?}");
    let json = resumed.json();
    assert_eq!((&json["agent"]["stopped"], &json["stopped"]), (&0.into(), &serde_json::json!([])));
    let shown = program.run(&["request", "show", &request, "--output", "json"]).json();
    assert_eq!(shown["waits_for"][0], "agent");
    assert_eq!(program.run(&["audit", "verify"]).code, 0);
}
