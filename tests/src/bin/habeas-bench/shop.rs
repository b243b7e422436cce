//! The store: eleven related tables on PostgreSQL.

use std::ops::Range;

use anyhow::{Context as _, Result};
use sqlx::{AssertSqlSafe, PgPool, postgres::PgPoolOptions};

/// The tables with the column by which a person's rows are found, in the order in which rows can be deleted.
pub(crate) const TABLES: [(&str, &str); 11] = [
    ("order_items", "order_id"),
    ("payments", "order_id"),
    ("shipments", "order_id"),
    ("orders", "customer_id"),
    ("addresses", "customer_id"),
    ("cards", "customer_id"),
    ("logins", "customer_id"),
    ("reviews", "customer_id"),
    ("wishes", "customer_id"),
    ("consents", "customer_id"),
    ("customers", "id"),
];

/// Rows of one person: 1 customer, 2 addresses, 2 cards, 3 orders with 2 items, a payment and a shipment each, 6 logins,
/// a review, a wish and 2 consents.
pub(crate) const ROWS_EACH: u32 = 30;

const SCHEMA: &str = "
CREATE TABLE customers (id bigint PRIMARY KEY, email text UNIQUE, name text, phone text, joined date);
CREATE TABLE addresses (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, line text, city text);
CREATE TABLE cards (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, label text, last_four text);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, placed date, total numeric(10,2));
CREATE TABLE order_items (id bigint PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders, article text, quantity int);
CREATE TABLE payments (id bigint PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders, amount numeric(10,2), reference text);
CREATE TABLE shipments (id bigint PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders, recipient text, street text);
CREATE TABLE logins (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, at timestamptz, address text);
CREATE TABLE reviews (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, body text);
CREATE TABLE wishes (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, article text);
CREATE TABLE consents (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, purpose text, given boolean);
";

/// What each table is filled with: `g` is the person, `n` counts their rows.
const FILL: [(&str, &str, u32); 11] = [
    (
        "customers",
        "g, 'person.' || g || '@people.test', 'Person ' || g, '+8190' || g, date '2020-01-01' + (g % 1000)::int",
        1,
    ),
    ("addresses", "g * 10 + n, g, g || ' Example Street ' || n, 'Sampleton'", 2),
    ("cards", "g * 10 + n, g, 'Card of person ' || g, lpad((g % 10000)::text, 4, '0')", 2),
    ("orders", "g * 10 + n, g, date '2024-01-01' + n, g % 100 + n + 0.5", 3),
    ("order_items", "g * 10 + n, g * 10 + (n + 1) / 2, 'Article ' || n, n", 6),
    ("payments", "g * 10 + n, g * 10 + n, g % 100 + n + 0.5, 'reference ' || g || '-' || n", 3),
    ("shipments", "g * 10 + n, g * 10 + n, 'Person ' || g, g || ' Example Street'", 3),
    ("logins", "g * 10 + n, g, timestamptz '2024-01-01' + n * interval '1 day', '192.0.2.' || n", 6),
    ("reviews", "g * 10 + n, g, 'A review by person ' || g || ', of some length, as reviews are.'", 1),
    ("wishes", "g * 10 + n, g, 'Article ' || g % 50", 1),
    ("consents", "g * 10 + n, g, 'purpose ' || n, n = 1", 2),
];

const MANIFEST: &str = r#"
[store]
name = "shop"
driver = "postgres"
url = { env = "BENCH_SHOP_URL" }
product = "Shop"
title = { en = "Shop", ja = "ショップ" }
"#;

/// Names of fields, and what the manifest says of each.
type Fields = &'static [(&'static str, &'static str)];

/// Table, English and Japanese title, and its fields.
const COLLECTIONS: [(&str, &str, &str, Fields); 11] = [
    (
        "customers",
        "Account",
        "アカウント",
        &[("id", CUSTOMER), ("email", EMAIL), ("name", NAME), ("phone", PHONE), ("joined", ACCOUNT)],
    ),
    (
        "addresses",
        "Addresses",
        "住所",
        &[("id", INTERNAL), ("customer_id", CUSTOMER), ("line", ADDRESS), ("city", ADDRESS)],
    ),
    (
        "cards",
        "Cards",
        "カード",
        &[("id", INTERNAL), ("customer_id", CUSTOMER), ("label", MONEY), ("last_four", MONEY)],
    ),
    (
        "orders",
        "Orders",
        "ご注文",
        &[("id", ORDER), ("customer_id", CUSTOMER), ("placed", PURCHASE), ("total", PURCHASE)],
    ),
    (
        "order_items",
        "Ordered articles",
        "注文商品",
        &[("id", INTERNAL), ("order_id", ORDER), ("article", PURCHASE), ("quantity", PURCHASE)],
    ),
    (
        "payments",
        "Payments",
        "お支払い",
        &[("id", INTERNAL), ("order_id", ORDER), ("amount", MONEY), ("reference", MONEY)],
    ),
    (
        "shipments",
        "Shipments",
        "発送",
        &[("id", INTERNAL), ("order_id", ORDER), ("recipient", NAME), ("street", ADDRESS)],
    ),
    (
        "logins",
        "Logins",
        "ログイン",
        &[("id", INTERNAL), ("customer_id", CUSTOMER), ("at", ACCOUNT), ("address", ACCOUNT)],
    ),
    ("reviews", "Reviews", "レビュー", &[("id", INTERNAL), ("customer_id", CUSTOMER), ("body", CONTENT)]),
    ("wishes", "Wishes", "ほしい物", &[("id", INTERNAL), ("customer_id", CUSTOMER), ("article", CONTENT)]),
    (
        "consents",
        "Consents",
        "同意",
        &[("id", INTERNAL), ("customer_id", CUSTOMER), ("purpose", ACCOUNT), ("given", ACCOUNT)],
    ),
];

const CUSTOMER: &str = r#"{ key = "customer_id" }"#;
const ORDER: &str = r#"{ key = "order_id" }"#;
const INTERNAL: &str = "{ internal = true }";
const EMAIL: &str = r#"{ key = "email", category = "user.contact.email", provided = true }"#;
const NAME: &str = r#"{ category = "user.name", provided = true }"#;
const PHONE: &str = r#"{ category = "user.contact.phone", provided = true }"#;
const ADDRESS: &str = r#"{ category = "user.contact.address", provided = true }"#;
const MONEY: &str = r#"{ category = "user.financial" }"#;
const PURCHASE: &str = r#"{ category = "user.purchase" }"#;
const ACCOUNT: &str = r#"{ category = "user.account" }"#;
const CONTENT: &str = r#"{ category = "user.content", provided = true }"#;

/// The address of the person with this number.
pub(crate) fn email(person: u32) -> String {
    format!("person.{person}@people.test")
}

/// The store's manifest.
pub(crate) fn manifest() -> String {
    COLLECTIONS.iter().fold(MANIFEST.to_owned(), |text, (table, en, ja, fields)| {
        let fields: Vec<String> =
            fields.iter().map(|(name, meaning)| format!("fields.{name} = {meaning}")).collect();
        let title = format!("title = {{ en = \"{en}\", ja = \"{ja}\" }}");
        let fields = fields.join("\n");
        format!("{text}\n[[collection]]\nname = \"{table}\"\n{title}\ndelete = \"rows\"\n{fields}\n")
    })
}

/// The shop's database.
#[derive(Debug, Clone)]
pub(crate) struct Shop {
    pub(crate) url: String,
    pub(crate) pool: PgPool,
}

impl Shop {
    /// Makes the tables and fills them.
    pub(crate) async fn open(url: String, people: u32) -> Result<Self> {
        let pool = PgPoolOptions::new().max_connections(8).connect(&url).await?;
        sqlx::raw_sql(SCHEMA).execute(&pool).await.context("making the shop's tables")?;
        for (table, values, each) in FILL {
            let sql = format!(
                "INSERT INTO {table} SELECT {values} FROM generate_series(1, {people}::bigint) g, generate_series(1, {each}) n"
            );
            sqlx::query(AssertSqlSafe(sql))
                .execute(&pool)
                .await
                .with_context(|| format!("filling {table}"))?;
        }
        for (table, column) in TABLES.iter().filter(|(table, _)| *table != "customers") {
            let sql = format!("CREATE INDEX ON {table} ({column})");
            sqlx::query(AssertSqlSafe(sql)).execute(&pool).await?;
        }
        sqlx::raw_sql("VACUUM ANALYZE").execute(&pool).await?;
        Ok(Self { url, pool })
    }

    /// Gives one person very many rows in one table.
    pub(crate) async fn add_logins(&self, person: u32, rows: u32) -> Result<()> {
        let sql = "INSERT INTO logins SELECT 1000000000 + n, $1, timestamptz '2024-01-01' + n * interval '1 second',
            '192.0.2.' || n % 250 FROM generate_series(1, $2::bigint) n";
        sqlx::query(sql).bind(i64::from(person)).bind(i64::from(rows)).execute(&self.pool).await?;
        sqlx::raw_sql("ANALYZE logins").execute(&self.pool).await?;
        Ok(())
    }

    /// How many rows these people still have.
    pub(crate) async fn rows_of(&self, people: Range<u32>) -> Result<i64> {
        let sql = "SELECT (SELECT count(*) FROM customers WHERE id >= $1 AND id < $2)
            + (SELECT count(*) FROM orders WHERE customer_id >= $1 AND customer_id < $2)
            + (SELECT count(*) FROM logins WHERE customer_id >= $1 AND customer_id < $2)";
        let (from, to) = (i64::from(people.start), i64::from(people.end));
        Ok(sqlx::query_scalar(sql).bind(from).bind(to).fetch_one(&self.pool).await?)
    }
}
