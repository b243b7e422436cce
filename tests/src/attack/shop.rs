//! The company: one store with a victim, an attacker who is a customer too, and what is worth stealing.

use std::{collections::BTreeSet, path::Path};

use anyhow::{Context as _, Result};
use sqlx::{SqlitePool, sqlite::SqlitePoolOptions};

/// The victim's address, as the store holds it.
pub const VICTIM: &str = "hanako@people.test";
/// A second address of the victim's on file.
pub const VICTIM_OLD: &str = "hanako.old@people.test";
/// The victim's number, as a gateway is given it.
pub const VICTIM_PHONE: &str = "+819000000001";
/// The address of the victim's parent, as the store holds it.
pub const PARENT: &str = "parent@people.test";
/// The attacker's own address: a customer like any other.
pub const MALLORY: &str = "mallory@attacker.test";
/// An address that no store holds.
pub const NOBODY: &str = "nobody@people.test";

/// What the store holds about the victim: whoever gets any of it got her data, unless they said it themselves.
pub const SECRETS: [&str; 9] = [
    "Marmalade Lane 7",
    "beside the quince tree",
    "after my knee surgery",
    VICTIM_OLD,
    "+81 90-0000-0001",
    VICTIM_PHONE,
    "4242",
    "4980",
    PARENT,
];

const SCHEMA: &str = "
CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, email_2 TEXT, name TEXT, phone TEXT, plan TEXT, card TEXT, parent TEXT);
CREATE TABLE addresses (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, street TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, placed_at TEXT, total INTEGER, shop TEXT, note TEXT);
CREATE TABLE tickets (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, body TEXT);
CREATE INDEX customers_email ON customers (email COLLATE NOCASE);
CREATE INDEX customers_email_2 ON customers (email_2 COLLATE NOCASE);
CREATE INDEX addresses_customer ON addresses (customer_id);
CREATE INDEX orders_customer ON orders (customer_id);
CREATE INDEX tickets_customer ON tickets (customer_id);
INSERT INTO customers VALUES
  (1001, 'hanako@people.test', 'hanako.old@people.test', 'Hanako Yamada', '+81 90-0000-0001', 'Light', '4242', 'parent@people.test'),
  (1002, 'mallory@attacker.test', NULL, 'Mallory', '+81 90-0000-0002', 'Basic', '1881', NULL),
  (1003, 'taro@people.test', NULL, 'Taro Suzuki', '+81 90-0000-0003', 'Light', '5100', NULL);
INSERT INTO addresses VALUES (1, 1001, 'Marmalade Lane 7'), (2, 1002, 'Nettle Road 13'), (3, 1003, 'Plum Street 3');
INSERT INTO orders VALUES
  (1, 1001, '2026-04-09', 4980, 'Ueno', 'leave it beside the quince tree'), (2, 1001, '2025-12-01', 100, 'Ueno', ''),
  (3, 1002, '2026-01-05', 700, 'Kobe', ''), (4, 1003, '2026-02-02', 8200, 'Nara', '');
INSERT INTO tickets VALUES (1, 1001, 'late delivery after my knee surgery'), (2, 1003, 'a question');
";

const MANIFEST: &str = r#"
[store]
name = "shop"
driver = "sqlite"
url = "sqlite://{url}"
product = "Shop"
title = { en = "Shop", ja = "ショップ" }

[[collection]]
name = "customers"
title = { en = "Customer account", ja = "お客様アカウント" }
delete = "rows"
fields.id      = { key = "customer_id" }
fields.email   = { key = "email", category = "user.contact.email", provided = true, correct = "email" }
fields.email_2 = { key = "email", alternate = true, category = "user.contact.email", provided = true }
fields.name    = { category = "user.name", provided = true, correct = "name" }
fields.phone   = { category = "user.contact.phone", provided = true, correct = "phone", own_contact = true }
fields.parent  = { guardian = true, category = "user.family" }
fields.plan    = { category = "user.plan", ask = { kind = "text", question = { en = "Which plan do you have?", ja = "ご契約のプランは何ですか。" } } }
fields.card    = { category = "user.financial", ask = { kind = "digits", question = { en = "What are the last four digits of your card?", ja = "カード番号の下四桁は何ですか。" } } }

[[collection]]
name = "addresses"
title = { en = "Addresses", ja = "住所" }
delete = "rows"
fields.id = { internal = true }
fields.customer_id = { key = "customer_id" }
fields.street = { category = "user.contact.address", provided = true }

[[collection]]
name = "orders"
title = { en = "Orders", ja = "ご注文" }
delete = "rows"
fields.id = { internal = true }
fields.customer_id = { key = "customer_id" }
fields.placed_at = { category = "user.order", ask = { kind = "month", question = { en = "In which month did you last order?", ja = "最後のご注文は何年何月ですか。" } } }
fields.total = { category = "user.order", ask = { kind = "amount", newest = "placed_at", question = { en = "How much was it?", ja = "その金額はいくらですか。" } } }
fields.shop = { category = "user.order", ask = { kind = "text", newest = "placed_at", question = { en = "At which shop was it?", ja = "どの店舗でしたか。" } } }
fields.note = { category = "user.content", provided = true }

[[collection]]
name = "tickets"
title = { en = "Questions to support", ja = "お問い合わせ" }
delete = "rows"
fields.id = { internal = true }
fields.customer_id = { key = "customer_id" }
fields.body = { category = "user.content", provided = true }
"#;

/// Every table, each row as one text.
const ROWS: &str = "
SELECT 'customers ' || json_array(id, email, email_2, name, phone, plan, card, parent) FROM customers
UNION ALL SELECT 'addresses ' || json_array(id, customer_id, street) FROM addresses
UNION ALL SELECT 'orders ' || json_array(id, customer_id, placed_at, total, shop, note) FROM orders
UNION ALL SELECT 'tickets ' || json_array(id, customer_id, body) FROM tickets";

/// All rows of the store at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows(BTreeSet<String>);

impl Rows {
    /// How many rows are gone, new or changed since `earlier`; a changed row counts once.
    pub fn changed_since(&self, earlier: &Self) -> usize {
        self.0.difference(&earlier.0).count().max(earlier.0.difference(&self.0).count())
    }
}

/// The store.
#[derive(Debug)]
pub struct Shop(SqlitePool);

impl Shop {
    /// Makes the database and its manifest.
    pub async fn open(folder: &Path) -> Result<Self> {
        let file = folder.join("shop.db");
        let url = format!("sqlite://{}?mode=rwc", file.display());
        let pool = SqlitePoolOptions::new().max_connections(1).connect(&url).await?;
        sqlx::raw_sql(SCHEMA).execute(&pool).await.context("making the shop")?;
        let stores = folder.join("stores");
        std::fs::create_dir_all(&stores)?;
        let manifest = MANIFEST.replace("{url}", &file.display().to_string());
        std::fs::write(stores.join("shop.toml"), manifest)?;
        Ok(Self(pool))
    }

    /// All rows as they are now.
    pub async fn rows(&self) -> Result<Rows> {
        let rows: Vec<String> = sqlx::query_scalar(ROWS).fetch_all(&self.0).await?;
        Ok(Rows(rows.into_iter().collect()))
    }

    /// Changes the store, as the company's own software does.
    pub async fn sql(&self, sql: &'static str) -> Result<()> {
        Ok(sqlx::raw_sql(sql).execute(&self.0).await.map(drop)?)
    }
}
