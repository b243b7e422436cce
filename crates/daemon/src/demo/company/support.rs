//! The help desk: tickets found by mail address, and threads of messages that answer each other.

use chrono::{Days, NaiveDate};

use super::{Cell, Person, Row, StorePlan};

const SCHEMA: &str = "
CREATE TABLE tickets (
    id INTEGER PRIMARY KEY, email TEXT NOT NULL, subject TEXT NOT NULL, opened_on DATE NOT NULL
);
CREATE INDEX tickets_email ON tickets (email COLLATE NOCASE);
CREATE TABLE messages (
    id INTEGER PRIMARY KEY, ticket_id INTEGER NOT NULL REFERENCES tickets (id),
    reply_to INTEGER REFERENCES messages (id), author TEXT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX messages_ticket ON messages (ticket_id);
";

const MANIFEST: &str = r#"# Example Mart's help desk. Found by mail address; messages answer earlier messages.
[store]
name = "support"
driver = "sqlite"
url = "{url}"
product = "Help desk"
title = { en = "Help desk", ja = "サポート窓口" }

[[collection]]
name = "tickets"
title = { en = "Tickets", ja = "お問い合わせ" }
fields.id = { key = "ticket_id" }
fields.email = { key = "email", category = "user.contact.email", title = { en = "Email", ja = "メールアドレス" }, provided = true, correct = "email" }
fields.subject = { category = "user.content", title = { en = "Subject", ja = "件名" }, provided = true }
fields.opened_on = { category = "user.behavior", title = { en = "Opened", ja = "受付日" } }
delete = "rows"

[[collection]]
name = "messages"
title = { en = "Messages", ja = "メッセージ" }
fields.id = { internal = true }
fields.ticket_id = { key = "ticket_id" }
fields.reply_to = { internal = true }
fields.author = { category = "user.content", title = { en = "Author", ja = "送信者" } }
fields.body = { category = "user.content", title = { en = "Text", ja = "本文" }, provided = true }
delete = "rows"
"#;

pub(super) fn plan(people: &[Person], today: NaiveDate) -> StorePlan {
    let asks = |person: &&Person| person.index <= super::PORTABILITY || person.index % 2 == 1;
    let rows = people.iter().filter(asks).flat_map(|person| of(person, today)).collect();
    let about = "tickets and their messages, which answer each other";
    StorePlan { name: "support", about, schema: SCHEMA, manifest: MANIFEST, rows }
}

fn of(person: &Person, today: NaiveDate) -> Vec<Row> {
    let number = i64::try_from(person.index).unwrap_or_default();
    let ticket = 700 + number;
    let opened = today.checked_sub_days(Days::new(15 + person.index as u64)).unwrap_or(today);
    let first = 1 + number * 2;
    let message = |id: i64, reply_to: Option<i64>, author: &str, body: String| {
        Row::new(
            "messages",
            person.index,
            [
                ("id", id.into()),
                ("ticket_id", ticket.into()),
                ("reply_to", reply_to.into()),
                ("author", author.into()),
                ("body", body.into()),
            ],
        )
    };
    let asked = format!("My parcel of order {} has not arrived. {}", 5_000 + number * 10, person.name);
    vec![
        Row::new(
            "tickets",
            person.index,
            [
                ("id", ticket.into()),
                ("email", Cell::Text(person.email.clone())),
                ("subject", "Where is my parcel?".into()),
                ("opened_on", opened.into()),
            ],
        ),
        message(first, None, "customer", asked),
        message(first + 1, Some(first), "help desk", "It is on its way and arrives tomorrow.".to_owned()),
    ]
}
