//! Staff at the command line: what a request stopped at, its receipts, that it arrived, and a new address.

use std::time::Duration;

use habeas_test_support::{Person, mailbox, wait};
use serde_json::{Value, json};

use crate::{
    house::{House, MANIFEST, ROWS},
    program::{Program, Ran},
};

const HANAKO: &str = "hanako@example.jp";
const OTHER: &str = "other@example.com";
const NEW: &str = "hanako.new@example.jp";

/// A shop where an account with another address hangs on Hanako's.
const ACCOUNTS: &str = r#"
[store]
name = "shop"
driver = "sqlite"
url = "sqlite://shop.db"
product = "Shop"
title = { en = "Shop", ja = "ショップ" }

[[collection]]
name = "customer"
title = { en = "Customer", ja = "お客様" }
delete = "rows"
fields.id          = { key = "customer_id" }
fields.merged_into = { key = "customer_id" }
fields.email       = { key = "email", category = "user.contact.email" }
"#;

const MERGED: &str = "
CREATE TABLE customer (id INTEGER PRIMARY KEY, merged_into INTEGER, email TEXT);
CREATE INDEX customer_merged ON customer (merged_into);
CREATE INDEX customer_email ON customer (email);
INSERT INTO customer VALUES (1, NULL, 'hanako@example.jp'), (3, 1, 'other@example.com');
";

async fn confirm(house: &House) {
    let link = house.link(HANAKO, "/confirm/").await;
    Person::new().unwrap().confirm(&link).await.unwrap();
}

/// Waits until a request is so, as `request show` prints it.
async fn shown(house: &House, id: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    wait::value("the request to be so", Duration::from_mins(1), || async {
        Some(house.json(&["request", "show", id])).filter(&is_so)
    })
    .await
    .unwrap()
}

/// A request to correct something, approved by nobody yet.
async fn correcting(house: &House, correction: Value) -> String {
    let whole = json!({
        "subject": { "email": HANAKO }, "rights": ["correction"], "regime": "jp_appi", "language": "ja",
        "corrections": [correction],
    });
    house.program.write("correct.json", &whole.to_string());
    let id = house.json(&["request", "submit", "--file", "correct.json"])["id"].as_str().unwrap().to_owned();
    confirm(house).await;
    id
}

/// What cannot be decided so, and by whom; `one` has decided nothing yet.
fn bad_decisions_are_refused(decide: &impl Fn(&[&str]) -> Ran, one: &str, hash: &str) {
    let (finding, none) = (["--finding", hash], "0".repeat(64));
    let other = ["--decision", "another-person"];
    for (arguments, code, told) in [
        (&[&finding[..], &["--decision", "perhaps", "--token", one]].concat(), 2, "--decision"),
        (&[&finding[..], &["--decision", "allow", "--token", one]].concat(), 2, "--up-to"),
        (&[&["--finding", "12"], &other[..], &["--token", one]].concat(), 2, "--finding"),
        (&[&["--finding", &none], &other[..], &["--token", one]].concat(), 1, "another finding"),
        (
            &[&finding[..], &["--decision", "allow", "--up-to", "5", "--token", one]].concat(),
            1,
            "another decision",
        ),
        (&[&finding[..], &other[..]].concat(), 1, "you handed this request in"),
    ] {
        let refused = decide(arguments);
        assert!(refused.code == code && refused.err.contains(told), "{told}: {refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finding_is_looked_at_and_decided_by_two() {
    let house = House::of("", ACCOUNTS, MERGED).await;
    let id = house.submit(HANAKO, &[]);
    let (one, two, reader) =
        (house.token("one", "approve"), house.token("two", "approve"), house.token("three", "read"));
    let look = |token: &str| house.program.run(&["request", "review", &id, "--token", token]);
    let before = look(&one);
    assert_eq!((before.code, before.out.trim()), (0, "nothing was found that staff have to decide"));
    confirm(&house).await;
    shown(&house, &id, |request| request["status"] == "awaiting-review").await;

    let looked = house.json(&["request", "review", &id, "--token", &one]);
    let finding = &looked["findings"][0];
    assert_eq!(looked["findings"].as_array().unwrap().len(), 1, "{looked}");
    assert_eq!((&finding["kind"], &finding["status"]), (&json!("contradiction"), &json!("open")));
    assert_eq!((&finding["proven"], &finding["found"]), (&json!([HANAKO]), &json!([OTHER])));
    let text = look(&one).out;
    for told in ["contradiction of email in shop/customer", "another-person or same-person, 2 alike", OTHER] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert_eq!(look(&reader).code, 1, "whoever only reads sees no values");

    let hash = finding["finding"].as_str().unwrap();
    let decide = |arguments: &[&str]| {
        house
            .program
            .run(&[&["request", "decide", &id, "--reason", "The shop knows both."], arguments].concat())
    };
    bad_decisions_are_refused(&decide, &one, hash);
    let (finding, other) = (["--finding", hash], ["--decision", "another-person"]);
    let counted = decide(&[&finding[..], &other[..], &["--token", &one, "--output", "json"]].concat());
    assert_eq!(counted.json(), json!({ "request": id, "result": "counted", "missing": 1 }), "{counted:?}");
    let twice = decide(&[&finding[..], &other[..], &["--token", &one]].concat());
    assert!(twice.code == 1 && twice.err.contains("you decided this finding already"), "{twice:?}");
    let decided = decide(&[&finding[..], &other[..], &["--token", &two]].concat());
    assert_eq!((decided.code, decided.out.trim()), (0, "the keys are resolved again, with this decision"));

    shown(&house, &id, |request| request["status"] == "closed").await;
    let after = &house.json(&["request", "review", &id, "--token", &one])["findings"][0];
    assert_eq!((&after["status"], after["reasons"].as_array().unwrap().len()), (&json!("decided"), 2));
    assert_eq!(
        house
            .run(&[
                "request",
                "decide",
                &id,
                "--finding",
                hash,
                "--decision",
                "same-person",
                "--reason",
                "late",
                "--token",
                &two
            ])
            .code,
        1
    );
    assert_eq!(house.run(&["request", "review", "HB-0000-0000"]).code, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_are_shown_as_they_were_signed() {
    let manifest = MANIFEST.replace(
        r#"fields.name   = { category = "user.name", provided = true }"#,
        r#"fields.name   = { category = "user.name", provided = true, correct = "name" }"#,
    );
    let house = House::of("", &manifest, ROWS).await;
    let name = json!({ "category": "user.name", "type": "name", "value": "佐藤 花子" });
    let id = correcting(&house, name).await;
    let waiting = shown(&house, &id, |request| request["jobs"][0]["status"] == "awaiting-approval").await;
    let none = house.program.run(&["request", "receipts", &id]);
    assert_eq!((none.code, none.out.trim()), (0, "no receipt: nothing was done to a store for this request"));
    assert_eq!(
        house.json(&["request", "receipts", &id]),
        json!({ "request": id, "receipts": [], "unreadable": [] })
    );
    let staff = house.token("staff", "read,approve");
    let plan = waiting["jobs"][0]["plan"].as_str().unwrap();
    let approved = house.run(&["request", "approve", &id, "--plan", plan, "--token", &staff]);
    assert_eq!(approved.code, 0, "{approved:?}");
    shown(&house, &id, |request| request["status"] == "closed").await;

    let told = house.json(&["request", "receipts", &id]);
    let receipt = &told["receipts"][0];
    assert_eq!(
        (&receipt["genuine"], told["receipts"].as_array().unwrap().len()),
        (&json!(true), 1),
        "{told}"
    );
    let body = receipt["body"].as_str().unwrap();
    assert!(!body.contains("佐藤") && !body.contains(HANAKO), "counts and times alone: {body}");
    let text = house.program.run(&["request", "receipts", &id]).out;
    assert!(text.contains("checked    genuine\n") && text.contains(body), "{text}");
    assert!(text.contains(receipt["signature"].as_str().unwrap()), "{text}");
    assert_eq!(house.run(&["request", "receipts", "HB-0000-0000"]).code, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_address_is_mailed_again_and_no_other() {
    let manifest = MANIFEST
        .replace("provided = true }\nfields.name", "provided = true, correct = \"email\" }\nfields.name");
    let levels = "[verification.levels.jp_appi]\naccess = \"reasonable\"\ndeletion = \"reasonable\"\ncorrection = \"reasonable\"\n";
    let house = House::of(levels, &manifest, ROWS).await;
    let address = json!({ "category": "user.contact.email", "type": "email", "value": NEW });
    let id = correcting(&house, address).await;
    house.link(NEW, "/confirm/").await;
    let mails = |address: &str| {
        mailbox::in_folder(&house.program.path("habeas-data/mail"), address).unwrap_or_default().len()
    };
    let (to_new, to_old) = (mails(NEW), mails(HANAKO));
    let mailed = house.json(&["request", "mail-again", &id]);
    assert_eq!(mailed["mailed"], json!([{ "leads_to": "new-address", "right": "correction" }]));
    wait::until("another mail", Duration::from_mins(1), || async { mails(NEW) > to_new }).await.unwrap();
    assert_eq!(mails(HANAKO), to_old, "nothing to the address of the request");
    let text = house.program.run(&["request", "mail-again", &id]);
    assert!(text.code == 0 && text.out.contains("a new link to confirm each new address"), "{text:?}");
}

/// Nobody serves here, so that no mail goes out.
#[test]
fn a_receipt_that_staff_confirmed_is_marked() {
    let program = Program::installed("");
    let submit = |law: &str| {
        let asks =
            ["request", "submit", "--email", HANAKO, "--right", "access", "--output", "json", "--regime"];
        let ran = program.run(&[&asks[..], &[law]].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.json()["id"].as_str().unwrap().to_owned()
    };
    let show = |id: &str| program.run(&["request", "show", id, "--trail", "--output", "json"]).json();
    let (id, no_day) = (submit("us_ca"), submit("jp_appi"));
    let before = show(&id);
    assert!(before["waits_for"].to_string().contains("acknowledgement"), "{before}");
    let day = &before["received_at"].as_str().unwrap()[..10];
    let mark = |id: &str, more: &[&str]| program.run(&[&["request", "acknowledge", id], more].concat());
    for wrong in [&["--by", "fax", "--on", day][..], &["--by", "post", "--on", "soon"], &["--by", "post"]] {
        assert_eq!(mark(&id, wrong).code, 2, "{wrong:?}");
    }
    let refused = mark(&no_day, &["--by", "post", "--on", day]);
    assert!(refused.code == 1 && refused.err.contains("sets no day"), "{refused:?}");
    let refused = mark(&id, &["--by", "post", "--on", "1999-01-01"]);
    assert!(refused.code == 1 && refused.err.contains("the day on which the person was told"), "{refused:?}");

    let marked = mark(&id, &["--by", "telephone", "--on", day, "--output", "json"]);
    assert_eq!(marked.json(), json!({ "request": id, "by": "telephone", "on": day }), "{marked:?}");
    let after = show(&id);
    assert!(!after["waits_for"].to_string().contains("acknowledgement"), "{after}");
    assert!(after["acknowledged_at"].as_str().unwrap().starts_with(day), "{after}");
    let noted = after["trail"].as_array().unwrap().iter().find(|entry| entry["event"] == "acknowledged");
    assert!(noted.unwrap()["by"].as_str().unwrap().starts_with("token:"), "{after}");
    let again = mark(&id, &["--by", "post", "--on", day]);
    assert!(again.code == 1 && again.err.contains("was confirmed before"), "{again:?}");
    let text = program.run(&["request", "show", &id]).out;
    assert!(text.contains("that it arrived; confirmed"), "{text}");
}
