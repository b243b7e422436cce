//! `habeas mail accept` beside the running daemon: what the daemon left to staff becomes a request, and is answered.

use std::time::Duration;

use habeas_test_support::{Person, mailbox, wait};
use serde_json::{Value, json};

use crate::house::House;

const CHILD: &str = "hanako@example.jp";
const PARENT: &str = "ichiro@example.jp";

async fn house() -> House {
    House::build("[[mailboxes]]\nname = \"privacy\"\nkind = \"folder\"\npath = \"inbox\"\npoll_seconds = 1\n")
        .await
}

/// Delivers a mail, and waits until the daemon has proposed it to staff. Returns its id.
async fn proposed(house: &House, from: &str, text: &str) -> String {
    proposed_by(house, ("Ichiro Yamada ", from), text).await
}

/// The same with the name that the mail gives its sender.
async fn proposed_by(house: &House, (name, from): (&str, &str), text: &str) -> String {
    let mail = format!(
        "From: {name}<{from}>\nTo: <privacy@example.com>\nMessage-ID: <1.{from}>\nSubject: Our data\n\n{text}\n"
    );
    house.deliver("1", mail.as_bytes());
    let decided = wait::value("the mail to be decided", Duration::from_mins(1), || async {
        let mail = house.json(&["mail", "list"])["mails"][0].clone();
        (!mail["decided_at"].is_null()).then_some(mail)
    });
    let mail = decided.await.unwrap();
    assert_eq!(mail["state"], "proposal", "{mail}");
    mail["id"].as_str().unwrap().to_owned()
}

fn request_of(house: &House, mail: &str, accepted: &Value) -> Value {
    let request = accepted["request"].as_str().unwrap();
    let kept = house.json(&["mail", "show", mail]);
    assert_eq!((&kept["state"], &kept["request"]), (&json!("request"), &json!(request)));
    let shown = house.json(&["request", "show", request]);
    assert_eq!(shown["received_mails"].as_array().map(Vec::len), Some(1), "{shown}");
    shown
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_to_staff_becomes_a_request_and_is_answered() {
    let house = house().await;
    let text = "Please send me a copy of my data. Also unsubscribe me from your newsletter.";
    let mail = proposed(&house, CHILD, text).await;
    let accepted = house.json(&["mail", "accept", &mail, "--regime", "jp_appi"]);
    let shown = request_of(&house, &mail, &accepted);
    assert_eq!(shown["rights"], json!(["access"]), "what the mail asks for without doubt");
    assert_eq!(shown["received_mails"][0]["written_by"], "subject");
    let again = house.run(&["mail", "accept", &mail]);
    assert_eq!(again.code, 1, "once: {again:?}");
    let link = house.link(CHILD, "/confirm/").await;
    Person::new().unwrap().confirm(&link).await.unwrap();
    house.link(CHILD, "/package/").await;
    assert_eq!(house.program.run(&["audit", "verify"]).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guardians_mail_becomes_a_request_about_the_child() {
    let house = house().await;
    let text = format!(
        "I am writing on behalf of my daughter {CHILD}, who is nine years old. Please send me a copy of her data."
    );
    let mail = proposed(&house, PARENT, &text).await;
    let alone = house.run(&["mail", "accept", &mail, "--right", "access", "--by-guardian"]);
    assert_eq!(alone.code, 2, "whose guardian has to be said: {alone:?}");
    let accepted = house.json(&[
        "mail",
        "accept",
        &mail,
        "--right",
        "access",
        "--subject",
        CHILD,
        "--by-guardian",
        "--child-age",
        "9",
        "--regime",
        "jp_appi",
    ]);
    let shown = request_of(&house, &mail, &accepted);
    assert_eq!((&shown["guardian"], &shown["rights"]), (&json!("named"), &json!(["access"])));
    for address in [CHILD, PARENT] {
        let shown = house.json(&["request", "show", accepted["request"].as_str().unwrap()]);
        assert_eq!(shown["status"], "awaiting-verification", "before {address}");
        let link = house.link(address, "/confirm/").await;
        Person::new().unwrap().confirm(&link).await.unwrap();
    }
    house.link(PARENT, "/package/").await;
    let mails = mailbox::in_folder(&house.program.path("habeas-data/mail"), CHILD).unwrap();
    assert!(mails.iter().all(|mail| mail.link_with("/package/").is_err()), "to the guardian alone");
    assert_eq!(house.program.run(&["audit", "verify"]).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guardian_whose_mail_says_no_name_is_named_by_staff() {
    let house = house().await;
    let text = format!("My daughter {CHILD} is nine years old. Please send me a copy of her data.");
    let mail = proposed_by(&house, ("", PARENT), &text).await;
    let of_child = ["mail", "accept", &mail, "--right", "access", "--subject", CHILD, "--regime", "jp_appi"];
    let nameless = house.run(&[&of_child[..], &["--by-guardian"]].concat());
    assert_eq!(nameless.code, 1, "{nameless:?}");
    assert!(
        nameless.err.contains("guardian_name") && nameless.err.contains("--guardian-name"),
        "{nameless:?}"
    );
    assert_eq!(house.json(&["mail", "show", &mail])["state"], "proposal", "nothing was taken");
    let alone = house.run(&[&of_child[..], &["--guardian-name", "Ichiro Yamada"]].concat());
    assert_eq!(alone.code, 2, "a name of nobody: {alone:?}");
    let named = [&of_child[..], &["--by-guardian", "--guardian-name", "Ichiro Yamada"]].concat();
    let shown = request_of(&house, &mail, &house.json(&named));
    assert_eq!(shown["guardian"], "named");
    house.link(PARENT, "/confirm/").await;
    let mails = mailbox::in_folder(&house.program.path("habeas-data/mail"), PARENT).unwrap();
    assert!(mails.iter().any(|mail| mail.text.contains("Dear Ichiro Yamada")), "{mails:?}");
}
