//! The newsletter, which knows nothing but a mail address.

use chrono::{Days, NaiveDate};

use super::{Person, Row, StorePlan};

const SCHEMA: &str = "
CREATE TABLE subscribers (
    id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE COLLATE NOCASE, topics TEXT NOT NULL,
    subscribed_on DATE NOT NULL
);
";

const MANIFEST: &str = r#"# Example Mart's newsletter. It knows nothing but a mail address.
[store]
name = "newsletter"
driver = "sqlite"
url = "{url}"
product = "Newsletter"
title = { en = "Newsletter", ja = "メールマガジン" }

[[collection]]
name = "subscribers"
title = { en = "Subscription", ja = "購読" }
fields.id = { internal = true }
fields.email = { key = "email", category = "user.contact.email", title = { en = "Email", ja = "メールアドレス" }, provided = true, correct = "email" }
fields.topics = { category = "user.preference", title = { en = "Topics", ja = "トピック" }, provided = true }
fields.subscribed_on = { category = "user.preference", title = { en = "Since", ja = "購読開始日" } }
delete = "rows"
"#;

pub(super) fn plan(people: &[Person], today: NaiveDate) -> StorePlan {
    let reads = |person: &&Person| person.index <= super::PORTABILITY || !person.index.is_multiple_of(3);
    let rows = people.iter().filter(reads).map(|person| of(person, today)).collect();
    StorePlan {
        name: "newsletter",
        about: "mail addresses and topics",
        schema: SCHEMA,
        manifest: MANIFEST,
        rows,
    }
}

fn of(person: &Person, today: NaiveDate) -> Row {
    let since = today.checked_sub_days(Days::new(400 + person.index as u64)).unwrap_or(today);
    let topics = if person.index.is_multiple_of(2) { "tea, lamps" } else { "sales" };
    Row::new(
        "subscribers",
        person.index,
        [
            ("id", i64::try_from(person.index + 1).unwrap_or_default().into()),
            ("email", person.email.as_str().into()),
            ("topics", topics.into()),
            ("subscribed_on", since.into()),
        ],
    )
}
