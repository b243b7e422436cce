//! What staff and operators are told of a mailbox: at the command line, over HTTP, by `doctor`.

use std::time::Duration;

use habeas_test_support::{DOVECOT_PASSWORD, Dovecot, Port, TestDaemon, wait};
use serde_json::Value;

use crate::{
    program::{Program, Ran},
    serving::MANIFEST,
};

/// Longer than anything takes.
const LIMIT: Duration = Duration::from_mins(1);

const REMINDS: &str = "From: Shop <news@example.com>\nTo: privacy@example.com\nMessage-ID: <2@example.com>\n\
    Subject: Our offer\nList-Id: <offers.example.com>\nList-Unsubscribe: <https://example.com/u>\n\n\
    Special price for your company, click here. Limited offer!\n";

fn too_large() -> Vec<u8> {
    let head = "From: Hanako <hanako@example.jp>\nTo: privacy@example.com\nMessage-ID: <1@example.jp>\n\
        Subject: With all my papers\n\nPlease send me a copy of my data.\n";
    let mut mail = head.as_bytes().to_vec();
    mail.extend(std::iter::repeat_n(b'x', 5_000));
    mail
}

/// A program whose one mailbox is on this server, in a folder with a Japanese name.
fn program(dovecot: &Dovecot) -> Program {
    let program = Program::installed("");
    program.write("habeas-data/stores/shop.toml", MANIFEST);
    program.write("password", DOVECOT_PASSWORD);
    let config = format!(
        "[[mailboxes]]\nname = \"privacy\"\nhost = \"localhost\"\nport = {}\nca_file = \"{}\"\nuser = \"privacy\"\n\
         password_file = \"password\"\npoll_seconds = 1\nmax_bytes = 2000\ncut_off = \"2020-01-01T00:00:00Z\"\n\
         after = \"move:対応済み\"\nown_addresses = [\"privacy@example.com\"]\nname_servers = [\"127.0.0.1:9\"]\n",
        dovecot.tls_port(),
        dovecot.certificate().display(),
    );
    program.write("habeas.toml", &config);
    program
}

fn json(program: &Program, arguments: &[&str]) -> Value {
    let ran: Ran = program.run(&[arguments, &["--output", "json"]].concat());
    assert!(matches!(ran.code, 0 | 1), "{ran:?}");
    ran.json()
}

/// The mail that was left on the server, once it is listed with its last day.
async fn left_there(program: &Program) -> String {
    let found = wait::value("the large mail to be listed with its last day", LIMIT, || async {
        let listed = json(program, &["mail", "list", "--state", "parked"]);
        let mail = &listed["mails"][0];
        mail["due_at"].is_string().then(|| mail["id"].as_str().unwrap_or_default().to_owned())
    });
    found.await.unwrap()
}

async fn gauges(program: &Program, port: u16) -> String {
    let token = std::fs::read_to_string(program.path("habeas-data/admin.token")).unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let call = client.get(format!("http://127.0.0.1:{port}/metrics")).bearer_auth(token.trim());
    call.send().await.unwrap().text().await.unwrap()
}

fn is_shown_where_it_lies(program: &Program, mail: &str) {
    let shown = json(program, &["mail", "show", mail, "--reveal"]);
    assert_eq!((shown["folder"].as_str(), shown["state"].as_str()), (Some("INBOX"), Some("parked")));
    assert!(shown["uid"].as_u64().is_some(), "{shown}");
    assert!(shown["content"]["header"].as_str().unwrap().contains("Subject: With all my papers"), "{shown}");
    assert!(json(program, &["mail", "show", mail])["content"].is_null(), "only where it is asked for");
    let text = program.run(&["mail", "show", mail, "--reveal"]).out;
    for told in [
        "privacy, folder INBOX, UID ",
        "larger than max_bytes (2000 bytes)",
        "answer by",
        "With all my papers",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
}

async fn is_counted(program: &Program, port: u16) {
    let wanted = [
        "habeas_mails_waiting{state=\"parked\"} 1",
        "habeas_mails_undecided{due=\"later\"} 1",
        "habeas_mailbox_untold_mails{mailbox=\"privacy\"} 0",
        "habeas_mailbox_failures_in_a_row{mailbox=\"privacy\"} 0",
    ];
    let told = || async {
        let told = gauges(program, port).await;
        wanted.iter().all(|line| told.lines().any(|own| own == *line))
            && told.lines().any(|own| {
                own.strip_prefix("habeas_mailbox_read_timestamp_seconds{mailbox=\"privacy\"} ")
                    .is_some_and(|at| at != "0")
            })
    };
    wait::until(format!("/metrics to say {wanted:?}"), LIMIT, told).await.unwrap();
}

fn doctor_finds_the_mailbox_read(program: &Program) {
    let findings = json(program, &["doctor"])["findings"].clone();
    let of_mailbox: Vec<&Value> =
        findings.as_array().unwrap().iter().filter(|one| one["part"] == "mailbox").collect();
    let said = of_mailbox[0]["message"].as_str().unwrap();
    assert!(said.starts_with("privacy: the IMAP server answers and lets us in, last read 20"), "{said}");
    assert_eq!((of_mailbox.len(), of_mailbox[0]["health"].as_str()), (1, Some("ok")), "{findings}");
}

fn is_set_aside_with_its_like(program: &Program, mail: &str) {
    let dry =
        ["mail", "dismiss", "--reason-holds", "larger than", "--reason", "asked to send less", "--dry-run"];
    assert_eq!(json(program, &dry)["matched"], 1);
    let done = program.run(&dry[..dry.len() - 1]);
    assert!(done.out.contains("1 mails are set aside"), "{done:?}");
    assert_eq!(json(program, &["mail", "show", mail])["state"], "ignored");
    let all = program.run(&["mail", "dismiss", "--reason", "all of it"]);
    assert_eq!(all.code, 2, "{all:?}");
}

#[tokio::test]
async fn a_mail_that_was_left_there_is_shown_where_it_lies_and_counted() {
    let dovecot = Dovecot::start().await.unwrap();
    dovecot.deliver("privacy", &too_large()).unwrap();
    dovecot.deliver("privacy", REMINDS.as_bytes()).unwrap();
    let (program, reserved) = (program(&dovecot), Port::reserve().unwrap());
    let daemon = TestDaemon::start(program.serving(reserved.number())).await.unwrap();
    let mail = left_there(&program).await;
    is_shown_where_it_lies(&program, &mail);
    is_counted(&program, reserved.number()).await;
    let moved = || async { dovecot.count("privacy", Some("&W,5f3G4IMH8-")).unwrap() == 1 };
    wait::until("the other one to be moved", LIMIT, moved).await.unwrap();
    doctor_finds_the_mailbox_read(&program);
    is_set_aside_with_its_like(&program, &mail);
    daemon.sigterm().unwrap();
    assert!(daemon.wait_exit(LIMIT).await.unwrap().success());
}

#[tokio::test]
async fn doctor_says_what_keeps_a_mailbox_from_being_read() {
    let dovecot = Dovecot::start().await.unwrap();
    let program = program(&dovecot);
    program.write("password", "no longer the password");
    let findings = json(&program, &["doctor"])["findings"].clone();
    let found = findings.as_array().unwrap().iter().find(|one| one["part"] == "mailbox").unwrap();
    assert_eq!(found["health"], "wrong");
    let said = found["message"].as_str().unwrap();
    assert!(said.starts_with("privacy: signing in to the mailbox was refused"), "{said}");
    assert!(said.ends_with("not read yet"), "{said}");
    assert!(!findings.to_string().contains("no longer the password"));
}
