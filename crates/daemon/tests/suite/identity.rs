//! The second step against the running daemon: a person whom the stores know, and one whom they do not.

use std::time::{Duration, Instant};

use habeas_test_support::{Person, Port, TestDaemon, TextMessages, mailbox, person::Page, wait};

use crate::program::Program;

const KNOWN: &str = "hanako@example.jp";
const UNKNOWN: &str = "nobody@example.jp";

/// What a page hears about a proof takes at least this long; see `VerificationOptions::answer_after`.
const PACE: Duration = Duration::from_millis(400);

const MANIFEST: &str = r#"
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
fields.email = { key = "email", category = "user.contact.email", provided = true }
fields.id    = { key = "customer_id" }
fields.phone = { category = "user.contact.phone", correct = "phone", own_contact = true }
fields.plan  = { category = "user.plan", ask = { kind = "text", question = { en = "Which plan do you have?", ja = "ご契約のプランは何ですか。" } } }

[[collection]]
name = "orders"
title = { en = "Orders", ja = "ご注文" }
delete = "rows"
fields.customer_id = { key = "customer_id" }
fields.placed_at   = { category = "user.order", ask = { kind = "month", question = { en = "In which month did you last order?", ja = "最後のご注文は何年何月ですか。" } } }
fields.total       = { category = "user.order", ask = { kind = "amount", newest = "placed_at", question = { en = "How much was it?", ja = "その金額はいくらですか。" } } }
"#;

const ROWS: &str = "
CREATE TABLE customer (id INTEGER PRIMARY KEY, email TEXT, phone TEXT, plan TEXT);
CREATE TABLE orders (no INTEGER PRIMARY KEY, customer_id INTEGER, placed_at TEXT, total INTEGER);
CREATE INDEX customer_email ON customer (email);
CREATE INDEX orders_customer ON orders (customer_id);
INSERT INTO customer VALUES (1, 'hanako@example.jp', '+81 90-0000-0001', 'ライト');
INSERT INTO orders VALUES (1, 1, '2026-04-09', 4980), (2, 1, '2025-12-01', 100);
";

struct House {
    program: Program,
    _daemon: TestDaemon,
    messages: TextMessages,
}

impl House {
    async fn build() -> Self {
        let messages = TextMessages::start().await.unwrap();
        let reserved = Port::reserve().unwrap();
        let port = reserved.number();
        let config = format!(
            "[http]\nlisten = \"127.0.0.1:{port}\"\n[verification.levels.jp_appi]\naccess = \"high\"\n\
             [verification.sms]\nurl = \"{}\"\n",
            messages.url()
        );
        let program = Program::with(&config);
        program.open_shop(MANIFEST, ROWS).await;
        let daemon = TestDaemon::start(program.serving(port)).await.unwrap();
        Self { program, _daemon: daemon, messages }
    }

    fn submit(&self, email: &str) -> String {
        let ran = self.program.run(&[
            "request",
            "submit",
            "--email",
            email,
            "--right",
            "access",
            "--regime",
            "jp_appi",
            "--language",
            "ja",
            "--output",
            "json",
        ]);
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.json()["id"].as_str().unwrap().to_owned()
    }

    /// The second step's page, after the link in the mail was opened and its button pressed.
    async fn second_step(&self, email: &str) -> Applicant {
        let id = self.submit(email);
        let folder = self.program.path("habeas-data/mail");
        let link = wait::ok("the mail", Duration::from_mins(1), || async {
            let mails = mailbox::in_folder(&folder, email)?;
            mails
                .iter()
                .find_map(|mail| mail.link_with("/confirm/").ok())
                .ok_or_else(|| anyhow::anyhow!("none yet"))
        });
        let link = link.await.unwrap();
        let person = Person::new().unwrap();
        let page = person.confirm(&link).await.unwrap();
        Applicant { id, email: email.to_owned(), person, page }
    }

    fn status(&self, id: &str) -> String {
        let shown = self.program.run(&["request", "show", id, "--output", "json"]);
        shown.json()["status"].as_str().unwrap().to_owned()
    }
}

struct Applicant {
    id: String,
    email: String,
    person: Person,
    page: Page,
}

impl Applicant {
    /// Presses the button that begins a way; returns its page and how long that took.
    async fn begin(&self, way: &str) -> (Page, Duration) {
        let forms = self.page.forms();
        let form = forms.iter().find(|form| form.action.ends_with(&format!("/{way}/begin"))).unwrap();
        let began = Instant::now();
        let page = self.person.submit(&self.page, form, &[]).await.unwrap();
        (page, began.elapsed())
    }

    /// A page without what has to differ: the link's secret and the reference.
    fn told(&self, page: &Page) -> (u16, String) {
        let secret = self.page.url.path_segments().unwrap().nth(2).unwrap();
        let text = page.text().replace(secret, "[link]");
        let (before, rest) = text.split_once("<span class=\"reference\">").unwrap_or((&text, ""));
        let after = rest.split_once("</span>").map_or("", |(_, after)| after);
        let text = format!("{before}{after}");
        assert!(!text.contains(&self.email));
        (page.status, text)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_whom_nobody_knows_meets_the_same_pages_at_the_same_pace_and_passes_none() {
    let house = House::build().await;
    let (known, unknown) = (house.second_step(KNOWN).await, house.second_step(UNKNOWN).await);
    assert_eq!(known.told(&known.page), unknown.told(&unknown.page));
    assert!(known.page.text().contains("sms-code") && known.page.text().contains("recent-dealings"));

    let (one, took) = known.begin("sms-code").await;
    let (other, took_other) = unknown.begin("sms-code").await;
    assert_eq!(known.told(&one), unknown.told(&other));
    assert!(took >= PACE && took_other >= PACE, "{took:?} {took_other:?}");
    let wrong = known.person.fill_in(&one, &[("code", "00000000")]).await.unwrap();
    let wrong_other = unknown.person.fill_in(&other, &[("code", "00000000")]).await.unwrap();
    assert_eq!((wrong.status, known.told(&wrong)), (422, unknown.told(&wrong_other)));

    let ((ours, took), (theirs, took_other)) =
        (known.begin("recent-dealings").await, unknown.begin("recent-dealings").await);
    assert_eq!(known.told(&ours), unknown.told(&theirs));
    // Whether the two can be told apart by their pace is asked, with enough samples, in tests/tests/attacks.
    assert!(took >= PACE && took_other >= PACE, "never sooner than the pace: {took:?} {took_other:?}");

    assert_eq!(ours.text().matches("name=\"answer\"").count(), 3);
    let right = hand_in(&known, &ours, true).await;
    let nobody = hand_in(&unknown, &theirs, true).await;
    assert_eq!((right.status, nobody.status), (200, 422));
    assert_eq!(known.told(&hand_in(&unknown, &theirs, false).await).0, 422);
    assert_eq!(house.status(&unknown.id), "awaiting-verification");
    assert_ne!(house.status(&known.id), "awaiting-verification");

    let messages = house.messages.all();
    assert_eq!(messages.len(), 1, "nobody else was sent anything");
    let fields: Vec<&str> = messages[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!((messages[0]["to"].as_str(), fields), (Some("+819000000001"), vec!["text", "to"]));
}

/// Answers the questions of a page, rightly for the person whom the stores know or wrongly for anybody.
async fn hand_in(applicant: &Applicant, page: &Page, right: bool) -> Page {
    let text = page.text();
    let labels = text.split("<label for=\"answer-").skip(1);
    let answers = labels.map(|label| match label.split('<').next().unwrap() {
        _ if !right => "2001-01",
        question if question.contains("プラン") => "らいと",
        question if question.contains("何年何月") => "令和８年４月",
        _ => "４，９８０円",
    });
    let mut form = page.form().unwrap();
    for ((_, value), answer) in form.fields.iter_mut().filter(|(name, _)| name == "answer").zip(answers) {
        answer.clone_into(value);
    }
    applicant.person.submit(page, &form, &[]).await.unwrap()
}

/// A backup may hold numbers that went to others since, and people who were erased.
#[tokio::test(flavor = "multi_thread")]
async fn while_a_store_is_closed_nobody_is_looked_up_and_nobody_is_told_apart() {
    let house = House::build().await;
    let (known, unknown) = (house.second_step(KNOWN).await, house.second_step(UNKNOWN).await);
    let closed = house.program.run(&["store", "close", "shop", "--reason", "its disk failed"]);
    assert_eq!(closed.code, 0, "{closed:?}");
    for way in ["sms-code", "recent-dealings"] {
        let ((one, took), (other, took_other)) = (known.begin(way).await, unknown.begin(way).await);
        assert_eq!(one.status, 503, "{way}");
        assert_eq!(known.told(&one), unknown.told(&other));
        assert!(took >= PACE && took_other >= PACE, "{took:?} {took_other:?}");
    }
    let contacts = house.program.run(&["request", "contacts", &known.id]);
    assert!(contacts.code == 69 && contacts.err.contains("habeas store closed"), "{contacts:?}");
    assert_eq!(house.messages.all().len(), 0, "no number of the backup was sent anything");
    let reason = ["--without-re-erasing", "--reason", "nothing was restored"];
    let reopened = house.program.run(&[&["store", "reopen", "shop"][..], &reason].concat());
    assert_eq!(reopened.code, 0, "{reopened:?}");
    assert_eq!(known.begin("sms-code").await.0.status, 200);
    let sent =
        wait::until("the message", Duration::from_mins(1), || async { house.messages.all().len() == 1 });
    sent.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_members_of_staff_call_the_number_on_file() {
    let house = House::build().await;
    let id = house.submit(UNKNOWN);
    let run = |arguments: &[&str]| house.program.run(&[arguments, &["--output", "json"]].concat());
    let early = run(&["request", "contacts", &id]);
    assert_eq!(early.code, 1, "before the address is proven nobody is looked up: {early:?}");
    let applicant = house.second_step(KNOWN).await;
    let id = applicant.id.as_str();
    let contacts = run(&["request", "contacts", id]);
    assert_eq!(contacts.code, 0, "{contacts:?}");
    assert_eq!(contacts.json()["phones"], serde_json::json!(["+819000000001"]));
    let call = |token: &str, outcome: &str| {
        run(&[
            "request",
            "verify-by-call",
            id,
            "--outcome",
            outcome,
            "--note",
            "Reached her.",
            "--token",
            token,
        ])
    };
    let token = |holder: &str| {
        let made = run(&["token", "create", "calls", "--holder", holder, "--scope", "read,approve"]);
        assert_eq!(made.code, 0, "{made:?}");
        made.json()["token"].as_str().unwrap().to_owned()
    };
    let (one, again, other) = (token("Aoki"), token("aoki"), token("Baker"));
    let blind = call(&one, "passed");
    assert!(blind.code == 1 && blind.err.contains("habeas request contacts"), "who did not look: {blind:?}");
    for token in [&one, &again, &other] {
        assert_eq!(run(&["request", "contacts", id, "--token", token]).code, 0);
    }
    let first = call(&one, "passed");
    assert_eq!((first.code, first.json()["standing"].as_str()), (0, Some("needs")), "{first:?}");
    assert_eq!(call(&one, "passed").code, 1, "the same person twice");
    assert_eq!(call(&again, "passed").code, 1, "and with another token of theirs");
    let shown = run(&["request", "show", id]).json();
    assert_eq!((shown["level"].as_str(), shown["more_proof"].as_bool()), (Some("high"), Some(true)));
    let second = call(&other, "passed");
    assert_eq!(second.json()["standing"], "proven", "{second:?}");
    assert_ne!(house.status(id), "awaiting-verification");
    let evidence = run(&["request", "evidence", id]).json();
    assert_eq!(evidence["evidence"].as_array().unwrap().len(), 3);
    let trail = run(&["request", "show", id, "--trail"]);
    assert!(
        trail.out.contains("contacts") && !trail.out.contains("+8190"),
        "looked at, and not told: {trail:?}"
    );
    assert_eq!(house.program.run(&["audit", "verify"]).code, 0);
}
