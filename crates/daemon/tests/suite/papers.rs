//! A document as the last resort, against the running daemon: asked for, handed in on the page, judged by two, gone.

use std::time::Duration;

use habeas_test_support::{Person, Port, TestDaemon, daemon::DaemonOptions, mailbox, wait};
use serde_json::{Value, json};

use crate::program::{Program, Ran};

const HANAKO: &str = "hanako@example.jp";

const MANIFEST: &str = r#"
[store]
name = "shop"
driver = "sqlite"
url = "sqlite://shop.db?mode=rwc"
product = "Shop"
title = { en = "Shop", ja = "ショップ" }

[[collection]]
name = "customer"
title = { en = "Customer", ja = "お客様" }
delete = "rows"
fields.email = { key = "email", category = "user.contact.email", provided = true }
"#;

struct House {
    program: Program,
    _daemon: TestDaemon,
}

impl House {
    async fn build() -> Self {
        let reserved = Port::reserve().unwrap();
        let port = reserved.number();
        let config = format!("[http]\nlisten = \"127.0.0.1:{port}\"\n[verification]\ndocuments = true\n");
        let program = Program::with(&config);
        program.write("habeas-data/stores/shop.toml", MANIFEST);
        let options = DaemonOptions::new()
            .program(env!("CARGO_BIN_EXE_habeas"))
            .arg("serve")
            .current_dir(program.path(""))
            .ready_port(port);
        let daemon = TestDaemon::start(options).await.unwrap();
        Self { program, _daemon: daemon }
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.program.run(&[arguments, &["--output", "json"]].concat())
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.json()
    }

    fn staff(&self, name: &str) -> String {
        let made = self.json(&["token", "create", name, "--scope", "read,approve"]);
        made["token"].as_str().unwrap().to_owned()
    }

    async fn link(&self, place: &str) -> String {
        let folder = self.program.path("habeas-data/mail");
        let found = wait::ok("the mail", Duration::from_mins(1), || async {
            let mails = mailbox::in_folder(&folder, HANAKO)?;
            mails
                .iter()
                .find_map(|mail| mail.link_with(place).ok())
                .ok_or_else(|| anyhow::anyhow!("none yet"))
        });
        found.await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_asked_for_handed_in_judged_by_two_and_destroyed() {
    let house = House::build().await;
    let arguments = ["--email", HANAKO, "--right", "access", "--regime", "jp_appi", "--language", "ja"];
    let id =
        house.json(&[&["request", "submit"][..], &arguments].concat())["id"].as_str().unwrap().to_owned();
    let (clerk, one, other) = (house.staff("clerk"), house.staff("one"), house.staff("other"));
    let ask =
        ["request", "paper", "ask", &id, "--kind", "identity-document", "--reason", "Doubts.", "--token"];
    let asked = house.json(&[&ask[..], &[&clerk]].concat());
    assert_eq!(asked["status"], "asked");
    let paper = asked["id"].as_str().unwrap().to_owned();

    let person = Person::new().unwrap();
    person.confirm(&house.link("/confirm/").await).await.unwrap();
    let shown = house.json(&["request", "show", &id]);
    assert_eq!(shown["status"], "awaiting-verification", "the link alone is not enough any more: {shown}");
    let page = person.open(&house.link("/paper/").await).await.unwrap();
    assert!(page.text().contains("マイナンバー"), "{}", page.text());
    let wrong = person.hand_in(&page, "paper", b"PK\x03\x04 an archive").await.unwrap();
    assert_eq!(wrong.status, 422);
    let taken = person.hand_in(&wrong, "paper", b"%PDF-1.7 of a fictional person").await.unwrap();
    assert_eq!(taken.status, 200);
    assert_eq!(person.hand_in(&page, "paper", b"%PDF-1.7 again").await.unwrap().status, 404, "once");

    let file = house.program.path("scan.pdf");
    let save = ["request", "paper", "save", &paper, "--to", file.to_str().unwrap(), "--token", &one];
    house.json(&save);
    assert_eq!(std::fs::read(&file).unwrap(), b"%PDF-1.7 of a fictional person");
    let judge = |token: &str| {
        let judge = ["request", "paper", "judge", &paper, "--decision", "accepted", "--note", "Fits."];
        house.run(&[&judge[..], &["--token", token]].concat())
    };
    assert_eq!(judge(&clerk).code, 1, "whoever asked does not judge");
    assert_eq!(judge(&one).json()["status"], "given");
    assert_eq!(judge(&one).code, 1, "nor anybody twice");
    assert_eq!(judge(&other).json()["status"], "accepted");
    assert_ne!(house.json(&["request", "show", &id])["status"], "awaiting-verification");
    assert_eq!(house.run(&["request", "paper", "save", &paper, "--to", "again.pdf"]).code, 1, "it is gone");
    let listed = house.json(&["request", "paper", "list", &id]);
    assert_eq!(listed["papers"][0]["reason"], json!("Doubts."));
    assert_eq!(listed["papers"][0]["judgements"][1]["note"], json!("Fits."));
    let trail = house.run(&["request", "show", &id, "--trail"]);
    assert!(trail.out.contains("paper-decided") && !trail.out.contains("Doubts."), "{trail:?}");
    assert_eq!(house.run(&["audit", "verify"]).code, 0);
}
