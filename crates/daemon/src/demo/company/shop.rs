//! The shop: customers who may have been referred by others, their addresses and orders.

use chrono::{Days, NaiveDate};

use super::{Cell, Person, Row, StorePlan};

const SCHEMA: &str = "
CREATE TABLE addresses (
    id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id),
    label TEXT NOT NULL, postcode TEXT NOT NULL, street TEXT NOT NULL
);
CREATE INDEX addresses_customer ON addresses (customer_id);
CREATE TABLE customers (
    id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL, name_kana TEXT, phone TEXT,
    born_on DATE, joined_on DATE NOT NULL,
    referred_by INTEGER REFERENCES customers (id) ON DELETE SET NULL,
    default_address INTEGER REFERENCES addresses (id)
);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id),
    placed_on DATE NOT NULL, total INTEGER NOT NULL, note TEXT
);
CREATE INDEX orders_customer ON orders (customer_id);
CREATE TABLE order_items (
    id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders (id),
    article TEXT NOT NULL, quantity INTEGER NOT NULL, price INTEGER NOT NULL
);
CREATE INDEX order_items_order ON order_items (order_id);
";

const MANIFEST: &str = r#"# Example Mart's shop. A customer and their default address refer to each other; customers refer to whoever
# referred them.
[store]
name = "shop"
driver = "sqlite"
url = "{url}"
product = "Example Mart"
title = { en = "Shop", ja = "ショップ" }

[[collection]]
name = "customers"
title = { en = "Customer account", ja = "お客様アカウント" }
fields.id = { key = "customer_id" }
fields.email = { key = "email", category = "user.contact.email", title = { en = "Email", ja = "メールアドレス" }, provided = true, correct = "email" }
fields.name = { category = "user.name", title = { en = "Name", ja = "氏名" }, provided = true, correct = "name" }
fields.name_kana = { category = "user.name.kana", title = { en = "Reading", ja = "フリガナ" }, provided = true, correct = "text" }
fields.phone = { category = "user.contact.phone", title = { en = "Telephone", ja = "電話番号" }, provided = true, correct = "phone", own_contact = true }
fields.born_on = { category = "user.birth", title = { en = "Date of birth", ja = "生年月日" }, provided = true, correct = "date" }
fields.joined_on = { category = "user.account", title = { en = "Member since", ja = "入会日" }, ask = { question = { en = "In which month did you become a member?", ja = "ご入会は何年何月ですか。" }, kind = "month" } }
fields.referred_by = { internal = true }
fields.default_address = { internal = true }
delete = "rows"

[[collection]]
name = "addresses"
title = { en = "Delivery addresses", ja = "お届け先" }
fields.id = { internal = true }
fields.customer_id = { key = "customer_id" }
fields.label = { category = "user.contact.address", title = { en = "Label", ja = "名称" }, provided = true }
fields.postcode = { category = "user.contact.address", title = { en = "Postcode", ja = "郵便番号" }, provided = true }
fields.street = { category = "user.contact.address", title = { en = "Street", ja = "住所" }, provided = true }
delete = "rows"

[[collection]]
name = "orders"
title = { en = "Orders", ja = "ご注文" }
fields.id = { key = "order_id" }
fields.customer_id = { key = "customer_id" }
fields.placed_on = { category = "user.purchase", title = { en = "Date", ja = "注文日" }, ask = { question = { en = "In which month did you last order from us?", ja = "最後にご注文いただいたのは何年何月ですか。" }, kind = "month" } }
fields.total = { category = "user.purchase", title = { en = "Total (yen)", ja = "合計（円）" }, ask = { question = { en = "How much was your last order, roughly, in yen?", ja = "最後のご注文はおよそいくらでしたか（円）。" }, kind = "amount", newest = "placed_on" } }
fields.note = { category = "user.content", title = { en = "Note", ja = "備考" }, provided = true }
delete = "rows"

[[collection]]
name = "order_items"
title = { en = "Ordered articles", ja = "注文商品" }
fields.id = { internal = true }
fields.order_id = { key = "order_id" }
fields.article = { category = "user.purchase", title = { en = "Article", ja = "商品" } }
fields.quantity = { category = "user.purchase", title = { en = "Quantity", ja = "数量" } }
fields.price = { category = "user.purchase", title = { en = "Price (yen)", ja = "価格（円）" } }
delete = "rows"
"#;

const ARTICLES: [(&str, i64); 5] = [
    ("Green tea, 100 g", 980),
    ("Rice bowl", 1_450),
    ("Umbrella", 2_200),
    ("Notebook", 420),
    ("Lamp", 5_600),
];

pub(super) fn plan(people: &[Person], today: NaiveDate) -> StorePlan {
    let rows = people.iter().flat_map(|person| of(person, people.len(), today)).collect();
    let about = "customers, addresses, orders and articles; a cycle and a self-reference";
    StorePlan { name: "shop", about, schema: SCHEMA, manifest: MANIFEST, rows }
}

/// Each has 1 to 3 orders: the numbers below only have to differ from person to person.
fn of(person: &Person, people: usize, today: NaiveDate) -> Vec<Row> {
    let n = person.index;
    let number = i64::try_from(n).unwrap_or_default();
    let days = |back: usize| today.checked_sub_days(Days::new(back as u64)).unwrap_or(today);
    let referrer =
        n.is_multiple_of(3).then(|| person.id - number + i64::try_from((n + 7) % people).unwrap_or_default());
    let address = 1 + number * 2;
    let mut rows = vec![Row::new(
        "customers",
        n,
        [
            ("id", person.id.into()),
            ("email", person.email.as_str().into()),
            ("name", person.name.as_str().into()),
            ("name_kana", person.kana.clone().into()),
            ("phone", person.phone.as_str().into()),
            ("born_on", days(9_000 + n * 137).into()),
            ("joined_on", days(1_500 + n * 11).into()),
            ("referred_by", referrer.into()),
            ("default_address", address.into()),
        ],
    )];
    for (place, label) in [(address, "Home"), (address + 1, "Work")] {
        rows.push(Row::new(
            "addresses",
            n,
            [
                ("id", place.into()),
                ("customer_id", person.id.into()),
                ("label", label.into()),
                ("postcode", format!("000-{place:04}").into()),
                ("street", format!("{place} Example Street, Sampleton").into()),
            ],
        ));
    }
    for order in 0..=n % 3 {
        let id = 5_000 + number * 10 + i64::try_from(order).unwrap_or_default();
        rows.extend(of_order(person, id, days(20 + n * 3 + order * 200)));
    }
    rows
}

fn of_order(person: &Person, id: i64, placed_on: NaiveDate) -> Vec<Row> {
    let articles: Vec<(&str, i64)> =
        ARTICLES.iter().cycle().skip(person.index).take(1 + person.index % 2).copied().collect();
    let total: i64 = articles.iter().map(|(_, price)| price).sum();
    let note = person.index.is_multiple_of(2).then_some("Please ring twice.");
    let mut rows = vec![Row::new(
        "orders",
        person.index,
        [
            ("id", id.into()),
            ("customer_id", person.id.into()),
            ("placed_on", placed_on.into()),
            ("total", total.into()),
            ("note", note.into()),
        ],
    )];
    for (line, (article, price)) in (0_i64..).zip(articles) {
        rows.push(Row::new(
            "order_items",
            person.index,
            [
                ("id", (id * 10 + line).into()),
                ("order_id", id.into()),
                ("article", article.into()),
                ("quantity", Cell::Int(1)),
                ("price", price.into()),
            ],
        ));
    }
    rows
}
