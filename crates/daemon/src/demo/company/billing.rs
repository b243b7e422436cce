//! Billing: invoices that the law keeps, and payment methods that it does not.

use chrono::{Days, NaiveDate};

use super::{Person, Row, StorePlan};

const SCHEMA: &str = "
CREATE TABLE invoices (
    number TEXT PRIMARY KEY, customer_id INTEGER NOT NULL, issued_on DATE NOT NULL,
    recipient TEXT NOT NULL, amount INTEGER NOT NULL
);
CREATE INDEX invoices_customer ON invoices (customer_id);
CREATE TABLE payment_methods (
    id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, holder TEXT NOT NULL, last_four TEXT NOT NULL,
    token TEXT NOT NULL
);
CREATE INDEX payment_methods_customer ON payment_methods (customer_id);
";

const MANIFEST: &str = r#"# Example Mart's billing. Found through the customer number of the shop: it holds no mail address.
[store]
name = "billing"
driver = "sqlite"
url = "{url}"
product = "Example Mart"
title = { en = "Billing", ja = "請求" }

[[collection]]
name = "invoices"
title = { en = "Invoices", ja = "請求書" }
fields.number = { category = "user.financial", title = { en = "Number", ja = "番号" } }
fields.customer_id = { key = "customer_id" }
fields.issued_on = { category = "user.financial", title = { en = "Date", ja = "発行日" } }
fields.recipient = { category = "user.name", title = { en = "Recipient", ja = "宛名" } }
fields.amount = { category = "user.financial", title = { en = "Amount (yen)", ja = "金額（円）" } }
delete = "rows"
keep = { reason = "tax", until = "issued_on + 7y" }

[[collection]]
name = "payment_methods"
title = { en = "Payment methods", ja = "お支払い方法" }
fields.id = { internal = true }
fields.customer_id = { key = "customer_id" }
fields.holder = { category = "user.name", title = { en = "Card holder", ja = "名義人" }, provided = true }
fields.last_four = { category = "user.financial", title = { en = "Last four digits", ja = "下4桁" }, provided = true }
fields.token = { internal = true }
delete = "rows"
"#;

/// Days since each invoice was issued: of the last month, of three years ago, and one that no law keeps any more.
const ISSUED: [u64; 3] = [30, 1_100, 2_920];

pub(super) fn plan(people: &[Person], today: NaiveDate) -> StorePlan {
    let rows = people.iter().flat_map(|person| of(person, today)).collect();
    let about = "invoices, which tax law keeps for 7 years, and payment methods";
    StorePlan { name: "billing", about, schema: SCHEMA, manifest: MANIFEST, rows }
}

fn of(person: &Person, today: NaiveDate) -> Vec<Row> {
    let number = i64::try_from(person.index).unwrap_or_default();
    let mut rows = Vec::new();
    for (part, back) in (1..).zip(ISSUED) {
        let issued = today.checked_sub_days(Days::new(back + person.index as u64)).unwrap_or(today);
        rows.push(Row::new(
            "invoices",
            person.index,
            [
                ("number", format!("EM-{}-{part}", person.id).into()),
                ("customer_id", person.id.into()),
                ("issued_on", issued.into()),
                ("recipient", person.name.as_str().into()),
                ("amount", (1_000 * part + number * 10).into()),
            ],
        ));
    }
    rows.push(Row::new(
        "payment_methods",
        person.index,
        [
            ("id", (1 + number).into()),
            ("customer_id", person.id.into()),
            ("holder", person.name.as_str().into()),
            ("last_four", format!("{:04}", 1_000 + number).into()),
            ("token", format!("tok-example-{number:06}").into()),
        ],
    ));
    rows
}
