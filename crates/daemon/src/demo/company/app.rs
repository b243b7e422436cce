//! The app: accounts found by the shop's customer number, and everything else by the account's own id.

use chrono::{Days, NaiveDate};

use super::{Person, Row, StorePlan};

const SCHEMA: &str = "
CREATE TABLE accounts (
    account_id TEXT PRIMARY KEY, customer_id INTEGER NOT NULL UNIQUE, nickname TEXT
);
CREATE TABLE devices (
    id INTEGER PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts (account_id), model TEXT NOT NULL,
    push_token TEXT NOT NULL
);
CREATE INDEX devices_account ON devices (account_id);
CREATE TABLE logins (
    id INTEGER PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts (account_id), ip TEXT NOT NULL,
    logged_in_on DATE NOT NULL
);
CREATE INDEX logins_account ON logins (account_id);
CREATE TABLE locations (
    id INTEGER PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts (account_id), latitude TEXT NOT NULL,
    longitude TEXT NOT NULL
);
CREATE INDEX locations_account ON locations (account_id);
";

const MANIFEST: &str = r#"# Example Mart's app. Its accounts are found by the shop's customer number, the rest by the account.
[store]
name = "app"
driver = "sqlite"
url = "{url}"
product = "App"
title = { en = "App", ja = "アプリ" }

[[collection]]
name = "accounts"
title = { en = "App account", ja = "アプリのアカウント" }
fields.account_id = { key = "account_id" }
fields.customer_id = { key = "customer_id" }
fields.nickname = { category = "user.name", title = { en = "Nickname", ja = "ニックネーム" }, provided = true, correct = "text" }
delete = "rows"

[[collection]]
name = "devices"
title = { en = "Devices", ja = "端末" }
fields.id = { internal = true }
fields.account_id = { key = "account_id" }
fields.model = { category = "user.device", title = { en = "Model", ja = "機種" } }
fields.push_token = { internal = true }
delete = "rows"

[[collection]]
name = "logins"
title = { en = "Sign-ins", ja = "ログイン履歴" }
fields.id = { internal = true }
fields.account_id = { key = "account_id" }
fields.ip = { category = "user.device.ip", title = { en = "IP address", ja = "IPアドレス" } }
fields.logged_in_on = { category = "user.behavior", title = { en = "Date", ja = "日付" } }
delete = "rows"

[[collection]]
name = "locations"
title = { en = "Locations", ja = "位置情報" }
fields.id = { internal = true }
fields.account_id = { key = "account_id" }
fields.latitude = { category = "user.location", title = { en = "Latitude", ja = "緯度" }, provided = true }
fields.longitude = { category = "user.location", title = { en = "Longitude", ja = "経度" }, provided = true }
delete = "rows"
"#;

pub(super) fn plan(people: &[Person], today: NaiveDate) -> StorePlan {
    let uses = |person: &&Person| person.index <= super::PORTABILITY || !person.index.is_multiple_of(4);
    let rows = people.iter().filter(uses).flat_map(|person| of(person, today)).collect();
    let about = "accounts, devices, sign-ins and locations, by the shop's customer number";
    StorePlan { name: "app", about, schema: SCHEMA, manifest: MANIFEST, rows }
}

fn of(person: &Person, today: NaiveDate) -> Vec<Row> {
    let n = person.index;
    let number = i64::try_from(n).unwrap_or_default();
    let account = format!("acc-{:05}", 40_000 + number);
    let day = |back: u64| today.checked_sub_days(Days::new(back)).unwrap_or(today);
    let nickname = person.email.split('@').next().map(|mailbox| mailbox.replace('.', "-"));
    let mut rows = vec![
        Row::new(
            "accounts",
            n,
            [
                ("account_id", account.as_str().into()),
                ("customer_id", person.id.into()),
                ("nickname", nickname.into()),
            ],
        ),
        Row::new(
            "devices",
            n,
            [
                ("id", (1 + number).into()),
                ("account_id", account.as_str().into()),
                ("model", "Example Phone 3".into()),
                ("push_token", format!("push-example-{number:06}").into()),
            ],
        ),
    ];
    for step in 0..2 {
        let id = 1 + number * 2 + step;
        rows.push(Row::new(
            "logins",
            n,
            [
                ("id", id.into()),
                ("account_id", account.as_str().into()),
                // TEST-NET-3 (RFC 5737).
                ("ip", format!("203.0.113.{}", 1 + n).into()),
                ("logged_in_on", day(2 + step.unsigned_abs()).into()),
            ],
        ));
        rows.push(Row::new(
            "locations",
            n,
            [
                ("id", id.into()),
                ("account_id", account.as_str().into()),
                ("latitude", format!("35.{id:04}").into()),
                ("longitude", format!("139.{id:04}").into()),
            ],
        ));
    }
    rows
}
