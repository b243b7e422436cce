//! What the company's stores hold and mean.

use std::path::Path;

use habeas_registry::{Manifest, Registry};

const SHOP: &str = r#"
[store]
name = "shop"
driver = "sqlite"
url = "sqlite:shop.db"
product = "Shop"

[[key]]
name = "phone"
shared = true

[[collection]]
name = "customer"
title = { en = "Customer account", ja = "お客様アカウント" }
fields.id          = { key = "customer_id" }
fields.email       = { key = "email", category = "user.contact.email", provided = true, correct = "email", delete = "mask-email" }
fields.email_2     = { key = "email", alternate = true, category = "user.contact.email", provided = true, correct = "email", delete = "null" }
fields.name        = { category = "user.name", provided = true, correct = "name", delete = "null" }
fields.phone       = { key = "phone", category = "user.contact.phone", provided = true, correct = "phone", delete = "mask-phone" }
fields.merged_into = { key = "customer_id" }

[[collection]]
name = "orders"
fields.customer_id = { key = "customer_id" }
fields.id          = { key = "order_id" }
fields.total       = { category = "user.financial" }
fields.placed_at   = { category = "user.financial" }
delete = "rows"
keep   = { reason = "tax", until = "placed_at + 7y" }

[[collection]]
name = "item"
fields.order_id = { key = "order_id" }
fields.product  = { category = "user.behavior" }
delete = "rows"

[[collection]]
name = "refund"
fields.invoice_no = { key = "invoice_no" }
fields.order_id   = { key = "order_id" }
fields.note       = { category = "user.behavior", delete = "mask-text" }
"#;

pub(crate) const BILLING: &str = r#"
[store]
name = "billing"
driver = "sqlite"
url = "sqlite:billing.db"
product = "Billing"

[[collection]]
name = "invoice"
title = { en = "Invoices", ja = "請求書" }
fields.no       = { key = "invoice_no" }
fields.order_id = { key = "order_id" }
fields.payer    = { category = "user.name", correct = "name", delete = "null", keep = { reason = "billing", until = "issued_on + 30d" } }
fields.address  = { category = "user.contact.address", delete = "anonymise" }
"#;

const SUPPORT: &str = r#"
[store]
name = "support"
driver = "sqlite"
url = "sqlite:support.db"
product = "Support"

[[collection]]
name = "ticket"
fields.address = { key = "email", category = "user.contact.email", provided = true, correct = "email" }
fields.name    = { category = "user.name", provided = true, correct = "name" }
fields.subject = { category = "user.content", provided = true }
delete = "rows"
"#;

pub(crate) const STORES: [&str; 3] = ["billing", "shop", "support"];

pub(crate) const TABLES: [(&str, &str); 3] = [
    (
        "shop",
        "CREATE TABLE customer (id INTEGER PRIMARY KEY, email TEXT NOT NULL, email_2 TEXT, name TEXT, phone TEXT, merged_into INTEGER);
         CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, total REAL, placed_at TEXT NOT NULL);
         CREATE TABLE item (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, product TEXT);
         CREATE TABLE refund (id INTEGER PRIMARY KEY, invoice_no TEXT, order_id INTEGER, note TEXT);",
    ),
    (
        "billing",
        "CREATE TABLE invoice (no TEXT PRIMARY KEY, order_id INTEGER NOT NULL, payer TEXT, address TEXT, issued_on TEXT NOT NULL);",
    ),
    (
        "support",
        "CREATE TABLE ticket (id INTEGER PRIMARY KEY, address TEXT, name TEXT, subject TEXT, agent TEXT);",
    ),
];

pub(crate) fn registry(billing: &str) -> Registry {
    let parse = |name: &str, text: &str| Manifest::parse(Path::new(name), text).unwrap();
    let manifests =
        vec![parse("shop.toml", SHOP), parse("billing.toml", billing), parse("support.toml", SUPPORT)];
    Registry::from_manifests(manifests).unwrap()
}

/// The same, where a ticket may belong to the thread of another.
pub(crate) fn registry_with_threads() -> Registry {
    let parse = |name: &str, text: &str| Manifest::parse(Path::new(name), text).unwrap();
    let threads =
        "fields.id      = { key = \"ticket_id\" }\nfields.thread  = { key = \"ticket_id\" }\nfields.subject";
    let support = SUPPORT.replace("fields.subject", threads);
    let manifests =
        vec![parse("shop.toml", SHOP), parse("billing.toml", BILLING), parse("support.toml", &support)];
    Registry::from_manifests(manifests).unwrap()
}

/// A collection of the shop whose rows are about two people.
pub(crate) const CALL: &str = r#"
[[collection]]
name = "call"
title = { en = "Calls", ja = "通話" }
fields.from_id     = { side = "caller", key = "customer_id", delete = "null" }
fields.from_number = { side = "caller", category = "user.contact.phone", delete = "null" }
fields.from_name   = { side = "caller", category = "user.name", provided = true, correct = "name", delete = "null" }
fields.to_id       = { side = "callee", key = "customer_id", delete = "null" }
fields.to_number   = { side = "callee", category = "user.contact.phone", delete = "null" }
fields.to_name     = { side = "callee", category = "user.name", provided = true, correct = "name", delete = "null" }
fields.seconds     = { category = "user.behavior", remains = { en = "Counted.", ja = "集計のため" } }
"#;

/// The company with such a collection.
pub(crate) fn registry_with_calls(call: &str) -> Registry {
    let parse = |name: &str, text: &str| Manifest::parse(Path::new(name), text).unwrap();
    let shop = format!("{SHOP}{call}");
    let manifests =
        vec![parse("shop.toml", &shop), parse("billing.toml", BILLING), parse("support.toml", SUPPORT)];
    Registry::from_manifests(manifests).unwrap()
}

/// The same, where support is held for another company; with nothing else, if `alone`.
pub(crate) fn registry_for_a_client(alone: bool) -> Registry {
    let role = r#"role = "processor"
controller = { name = { en = "Example Client", ja = "取引先の例" }, email = "dpo@client.example", url = "https://client.example/privacy" }
"#;
    let parse = |name: &str, text: &str| Manifest::parse(Path::new(name), text).unwrap();
    let support = SUPPORT.replace("product = \"Support\"", &format!("product = \"Support\"\n{role}"));
    let mut manifests = vec![parse("support.toml", &support)];
    if !alone {
        manifests.extend([parse("shop.toml", SHOP), parse("billing.toml", BILLING)]);
    }
    Registry::from_manifests(manifests).unwrap()
}

/// The manifest of billing, with a change in it that means something.
pub(crate) fn changed_billing() -> String {
    BILLING.replace("issued_on + 30d", "issued_on + 31d")
}
