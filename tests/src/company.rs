//! A small fictional company with two stores, or one more of each other kind, and what must be true of them afterwards.

mod more;

use std::path::Path;

use anyhow::{Context as _, Result};
use habeas_test_support::{
    ProxyMode, TcpProxy,
    shared::{self, TestDatabase},
};
use sqlx::{PgPool, postgres::PgPoolOptions};

use crate::house::lines;
use more::More;

/// Something in every value about a person, so that a leak can be searched for.
pub const MARK: &str = "Quillfeather";

const SHOP: &str = "
CREATE TABLE customers (id bigint PRIMARY KEY, email text UNIQUE, name text, phone text, referred_by bigint);
CREATE TABLE addresses (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, line text);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, total numeric(10,2), note text);
CREATE INDEX ON addresses (customer_id);
CREATE INDEX ON orders (customer_id);
CREATE TABLE effects (at timestamptz DEFAULT clock_timestamp(), customer_id bigint, what text);
CREATE FUNCTION note_effect() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO effects (customer_id, what) VALUES (OLD.id, TG_OP); RETURN OLD; END $$;
CREATE TRIGGER customer_changed AFTER DELETE OR UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION note_effect();
";

/// The shop's tables, parents first.
const SHOP_TABLES: [&str; 4] = ["customers", "addresses", "orders", "effects"];

const DESK: &str = "
CREATE TABLE tickets (id bigint PRIMARY KEY, customer_id bigint, body text);
CREATE INDEX ON tickets (customer_id);
";

const SHOP_MANIFEST: &str = r#"
[store]
name = "shop"
driver = "postgres"
url = { env = "TEST_SHOP_URL" }
product = "Shop"
title = { en = "Shop", ja = "ショップ" }

[[collection]]
name = "customers"
title = { en = "Customer account", ja = "お客様アカウント" }
delete = "rows"
fields.id = { key = "customer_id" }
fields.email = { key = "email", category = "user.contact.email", provided = true, correct = "email" }
fields.name = { category = "user.name", provided = true, correct = "name" }
fields.phone = { category = "user.contact.phone", provided = true }
fields.referred_by = { internal = true }

[[collection]]
name = "addresses"
title = { en = "Addresses", ja = "住所" }
delete = "rows"
fields.id = { internal = true }
fields.customer_id = { key = "customer_id" }
fields.line = { category = "user.contact.address", provided = true }

[[collection]]
name = "orders"
title = { en = "Orders", ja = "ご注文" }
delete = "rows"
fields.id = { internal = true }
fields.customer_id = { key = "customer_id" }
fields.total = { category = "user.financial" }
fields.note = { category = "user.content", provided = true }
"#;

const DESK_MANIFEST: &str = r#"
[store]
name = "desk"
driver = "postgres"
url = { env = "TEST_DESK_URL" }
product = "Support desk"
title = { en = "Support desk", ja = "サポート窓口" }

[[collection]]
name = "tickets"
title = { en = "Tickets", ja = "お問い合わせ" }
delete = "rows"
fields.id = { internal = true }
fields.customer_id = { key = "customer_id" }
fields.body = { category = "user.content", provided = true }
"#;

/// The company's databases.
#[derive(Debug)]
pub struct Company {
    /// The shop's database.
    pub shop: TestDatabase,
    /// The support desk's database.
    pub desk: TestDatabase,
    desk_line: TcpProxy,
    shop_pool: PgPool,
    desk_pool: PgPool,
    more: Option<More>,
}

/// How many rows each customer has in the shop and at the desk.
const ROWS_EACH: i64 = 7;

/// The address of the person with this number.
pub fn email(person: u32) -> String {
    format!("{}.{person}@people.test", MARK.to_lowercase())
}

/// The name that whoever wants a correction is to have.
pub fn new_name(person: u32) -> String {
    format!("{MARK} {person} Anew")
}

impl Company {
    /// A company with `people` customers, each with two addresses, three orders and a ticket; with stores in every kind of
    /// database, each is also in the club and has called once.
    pub async fn found(people: u32, every_kind: bool) -> Result<Self> {
        let (shop, desk) = (shared::postgres_database().await?, shared::postgres_database().await?);
        let pool = |url: &str| PgPoolOptions::new().max_connections(4).connect_lazy(url);
        let (shop_pool, desk_pool) = (pool(&shop.url)?, pool(&desk.url)?);
        sqlx::raw_sql(SHOP).execute(&shop_pool).await.context("making the shop")?;
        sqlx::raw_sql(DESK).execute(&desk_pool).await.context("making the desk")?;
        let desk_line = TcpProxy::start(lines::authority(&desk.url)?).await?;
        let more = if every_kind { Some(More::found(i64::from(people)).await?) } else { None };
        let company = Self { shop, desk, desk_line, shop_pool, desk_pool, more };
        company.settle(i64::from(people)).await?;
        Ok(company)
    }

    async fn settle(&self, people: i64) -> Result<()> {
        let customers = format!(
            "INSERT INTO customers SELECT g, lower('{MARK}.') || g || '@people.test', '{MARK} ' || g, '+8190000' || g,
             NULLIF(g - 1, 0) FROM generate_series(1, $1) g"
        );
        let addresses = format!(
            "INSERT INTO addresses SELECT g * 10 + n, g, '{MARK} Street ' || g || '-' || n
             FROM generate_series(1, $1) g, generate_series(1, 2) n"
        );
        let orders = format!(
            "INSERT INTO orders SELECT g * 10 + n, g, n * 9.5, 'for {MARK} ' || g
             FROM generate_series(1, $1) g, generate_series(1, 3) n"
        );
        for sql in [customers, addresses, orders] {
            sqlx::query(sqlx::AssertSqlSafe(sql)).bind(people).execute(&self.shop_pool).await?;
        }
        let tickets =
            format!("INSERT INTO tickets SELECT g, g, 'help {MARK} ' || g FROM generate_series(1, $1) g");
        sqlx::query(sqlx::AssertSqlSafe(tickets)).bind(people).execute(&self.desk_pool).await?;
        Ok(())
    }

    /// Writes the manifests, with more lines about the desk's.
    pub fn write_manifests(&self, folder: &Path, desk_limits: &str) -> Result<()> {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("shop.toml"), SHOP_MANIFEST)?;
        let desk = DESK_MANIFEST.replacen("[store]", &format!("[store]\n{desk_limits}"), 1);
        std::fs::write(folder.join("desk.toml"), desk)?;
        if self.more.is_some() {
            more::write_manifests(folder)?;
        }
        Ok(())
    }

    /// What the manifests take from the environment.
    pub fn environment(&self) -> Result<Vec<(&'static str, String)>> {
        let mut variables =
            vec![("TEST_SHOP_URL", self.shop.url.clone()), ("TEST_DESK_URL", self.desk_url()?)];
        variables.extend(self.more.iter().flat_map(More::environment));
        Ok(variables)
    }

    /// How many rows each customer has in all tables.
    pub const fn rows_each(&self) -> i64 {
        if self.more.is_some() { ROWS_EACH + 2 } else { ROWS_EACH }
    }

    /// How many rows of the person are left in all tables.
    pub async fn rows_of(&self, person: u32) -> Result<i64> {
        let shop = "SELECT (SELECT count(*) FROM customers WHERE id = $1) + (SELECT count(*) FROM addresses
            WHERE customer_id = $1) + (SELECT count(*) FROM orders WHERE customer_id = $1)";
        let shop: i64 = sqlx::query_scalar(shop).bind(i64::from(person)).fetch_one(&self.shop_pool).await?;
        let desk: i64 = sqlx::query_scalar("SELECT count(*) FROM tickets WHERE customer_id = $1")
            .bind(i64::from(person))
            .fetch_one(&self.desk_pool)
            .await?;
        let more = match &self.more {
            Some(more) => more.rows_of(i64::from(person)).await?,
            None => 0,
        };
        Ok(shop + desk + more)
    }

    /// Whether the person bears the corrected name.
    pub async fn is_renamed(&self, person: u32) -> Result<bool> {
        let sql = "SELECT name FROM customers WHERE id = $1";
        let name: Option<String> =
            sqlx::query_scalar(sql).bind(i64::from(person)).fetch_optional(&self.shop_pool).await?;
        Ok(name == Some(new_name(person)))
    }

    /// Values that every copy of the person's data holds: what they provided, in each store that has any of it.
    pub fn values_in_a_copy(&self, person: u32) -> Vec<String> {
        let mut values = vec![email(person), format!("help {MARK} {person}")];
        values.extend((1..=2).map(|line| format!("{MARK} Street {person}-{line}")));
        values.extend(self.more.as_ref().map(|_| format!("{MARK} the {person}")));
        values
    }

    /// What the stores that keep a log of their effects have logged: each customer, and how often something was done to
    /// them.
    pub async fn effects(&self) -> Result<Vec<(&'static str, Vec<(i64, i64)>)>> {
        let sql = "SELECT customer_id, count(*) FROM effects GROUP BY 1";
        let mut effects = vec![("shop", sqlx::query_as(sql).fetch_all(&self.shop_pool).await?)];
        if let Some(more) = &self.more {
            effects.extend(more.effects().await?);
        }
        Ok(effects)
    }

    /// Effects that are not to be: on somebody more than once, or without their being among those who leave (anywhere) or are
    /// renamed (in the shop).
    pub async fn effects_outside(&self, leavers: &[u32], renamed: &[u32]) -> Result<Vec<(i64, i64)>> {
        let is_of =
            |people: &[u32], person: i64| u32::try_from(person).is_ok_and(|one| people.contains(&one));
        let wrong = |store: &str, (person, times): &(i64, i64)| {
            let may = is_of(leavers, *person) || (store == "shop" && is_of(renamed, *person));
            *times > 1 || !may
        };
        let mut outside = Vec::new();
        for (store, effects) in self.effects().await? {
            outside.extend(effects.into_iter().filter(|effect| wrong(store, effect)));
        }
        Ok(outside)
    }
}

/// The shop's backup.
impl Company {
    /// Keeps a copy of every table of the shop.
    pub async fn back_up_the_shop(&self) -> Result<()> {
        let copy = |table: &str| format!("CREATE TABLE backup.{table} AS TABLE {table};");
        let copies: String = SHOP_TABLES.iter().map(|table| copy(table)).collect();
        let sql = format!("CREATE SCHEMA backup; {copies}");
        Ok(sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&self.shop_pool).await.map(drop)?)
    }

    /// Puts the copies in place of the tables, as a restore does: no trigger hears of it.
    pub async fn restore_the_shop(&self) -> Result<()> {
        let again = |table: &str| format!("INSERT INTO {table} SELECT * FROM backup.{table};");
        let inserts: String = SHOP_TABLES.iter().map(|table| again(table)).collect();
        let sql = format!("BEGIN; TRUNCATE {}; {inserts} COMMIT", SHOP_TABLES.join(", "));
        Ok(sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&self.shop_pool).await.map(drop)?)
    }
}

/// Faults of the support desk.
impl Company {
    /// The desk's database is away: connections are reset.
    pub fn close_desk(&self) {
        self.desk_line.set_mode(ProxyMode::Reset);
    }

    /// What the line to the desk's database does.
    pub fn line_to_desk(&self, mode: ProxyMode) {
        self.desk_line.set_mode(mode);
    }

    /// Connections to the desk's database that are open now stay open and silent for good.
    pub fn strand_desk(&self) {
        self.desk_line.strand();
    }

    /// The desk's database answers again.
    pub fn open_desk(&self) {
        self.desk_line.set_mode(ProxyMode::Pass);
    }

    /// Where the daemon reaches the desk's database: over a line that can be cut.
    fn desk_url(&self) -> Result<String> {
        lines::over(&self.desk_line, &self.desk.url)
    }

    /// The desk refuses every deletion, for good.
    pub async fn refuse_deletions_at_the_desk(&self) -> Result<()> {
        self.refuse_deletions_at_the_desk_beyond(0).await
    }

    /// The desk refuses to delete customers with a higher number, for good.
    pub async fn refuse_deletions_at_the_desk_beyond(&self, person: u32) -> Result<()> {
        let sql = format!(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'check_violation'; END $$;
            CREATE TRIGGER refused BEFORE DELETE ON tickets FOR EACH ROW WHEN (OLD.customer_id > {person})
            EXECUTE FUNCTION refuse()"
        );
        Ok(sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&self.desk_pool).await.map(drop)?)
    }

    /// The desk takes deletions again.
    pub async fn allow_deletions_at_the_desk(&self) -> Result<()> {
        Ok(sqlx::raw_sql("DROP TRIGGER refused ON tickets").execute(&self.desk_pool).await.map(drop)?)
    }
}
