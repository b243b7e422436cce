//! Values that mean something to some interpreter, as addresses and as the keys that lead from store to store: through the
//! whole of fulfilment, on all three databases at once, nobody else's row is read or touched.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use anyhow::Result;
use habeas_connector_api::DataStore;
use habeas_connector_sql::{SqlOptions, SqlStore};
use habeas_domain::{Outcome, Right, StoreName};
use habeas_fulfilment::{StoreHandle, Stores};
use habeas_registry::{Manifest, Registry};
use habeas_test_support::shared::{TestDatabase, mariadb_database, postgres_database};
use sqlx::{AssertSqlSafe, MySqlPool, PgPool, SqlitePool, sqlite::SqliteConnectOptions};

use crate::{company::Company, copies::Package};

/// The address and the customer number of each person. Neighbours in this list are near each other for some interpreter; every
/// second one asks.
const PEOPLE: [(&str, &str); 26] = [
    ("42@example.jp", "42"),
    ("421@example.jp", "421"),
    ("o'neil@example.jp", "' OR '1'='1"),
    ("oneil@example.jp", "OR"),
    ("'or'1'='1@example.jp", "'; DROP TABLE login; --"),
    ("or1=1@example.jp", "; DROP TABLE login; "),
    ("%@example.jp", "%"),
    ("percent@example.jp", "a%"),
    ("a_b@example.jp", "_"),
    ("axb@example.jp", "x"),
    ("*@example.jp", "*"),
    ("star@example.jp", "person*"),
    ("{$ne}@example.jp", "{\"$ne\":null}"),
    ("ne@example.jp", "null"),
    ("a+tag@example.jp", "../person"),
    ("a@example.jp", "../persons"),
    ("first.last@example.jp", "a\r\nDEL b"),
    ("firstlast@example.jp", "b"),
    ("taro@xn--r8jz45g.xn--zckzah", "\\' OR 1=1 -- "),
    ("taro@example.test", "OR 1=1"),
    ("$1@example.jp", "$1"),
    ("1@example.jp", "1"),
    ("?@example.jp", "?"),
    ("q@example.jp", "\u{202e}moc.elpmaxe"),
    ("=1+1@example.jp", "=1+1"),
    ("2@example.jp", "2"),
];

const MANIFEST: &str = r#"
[store]
name = "{name}"
driver = "{name}"
url = "{name}:x"
product = "A product"
[[collection]]
name = "person"
delete = "rows"
fields.id = { key = "customer_id" }
fields.email = { key = "email", category = "user.contact.email", provided = true }
fields.note = { category = "user.content", provided = true }
[[collection]]
name = "login"
delete = "rows"
fields.id = { internal = true }
fields.customer = { key = "customer_id" }
fields.place = { category = "user.behavior", provided = true }
"#;

const TABLES: [&str; 2] = [
    "CREATE TABLE person (id VARCHAR(190) PRIMARY KEY, email VARCHAR(190), note VARCHAR(190))",
    "CREATE TABLE login (id INTEGER PRIMARY KEY, customer VARCHAR(190), place VARCHAR(190))",
];

/// One database, as its owner uses it.
enum Database {
    Postgres(PgPool, TestDatabase),
    Mysql(MySqlPool, TestDatabase),
    Sqlite(SqlitePool, String),
}

/// Runs the same on whichever pool, with that database's own placeholders.
macro_rules! on_each {
    ($database:expr, $pool:ident, $run:expr) => {
        match $database {
            Database::Postgres($pool, _) => $run,
            Database::Mysql($pool, _) => $run,
            Database::Sqlite($pool, _) => $run,
        }
    };
}

impl Database {
    async fn all(folder: &Path) -> Result<BTreeMap<&'static str, Self>> {
        let (postgres, mysql) = (postgres_database().await?, mariadb_database().await?);
        let file = folder.join("hostile.db");
        let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
        let sqlite = SqlitePool::connect_with(options).await?;
        Ok([
            ("postgres", Self::Postgres(PgPool::connect(&postgres.url).await?, postgres)),
            ("mysql", Self::Mysql(MySqlPool::connect(&mysql.url).await?, mysql)),
            ("sqlite", Self::Sqlite(sqlite, format!("sqlite://{}", file.display()))),
        ]
        .into())
    }

    fn url(&self) -> &str {
        match self {
            Self::Postgres(_, database) | Self::Mysql(_, database) => &database.url,
            Self::Sqlite(_, url) => url,
        }
    }

    async fn fill(&self) -> Result<()> {
        for table in TABLES {
            on_each!(self, pool, sqlx::raw_sql(table).execute(pool).await.map(drop))?;
        }
        let row = if matches!(self, Self::Postgres(..)) { "$1, $2, $3" } else { "?, ?, ?" };
        for (number, (email, id)) in (0_i32..).zip(PEOPLE) {
            let person = AssertSqlSafe(format!("INSERT INTO person VALUES ({row})"));
            let note = format!("note of {number}");
            on_each!(
                self,
                pool,
                sqlx::query(person).bind(id).bind(email).bind(note).execute(pool).await.map(drop)
            )?;
            for login in [number * 2, number * 2 + 1] {
                let insert = AssertSqlSafe(format!("INSERT INTO login VALUES ({row})"));
                let place = format!("place of {number}");
                on_each!(
                    self,
                    pool,
                    sqlx::query(insert).bind(login).bind(id).bind(place).execute(pool).await.map(drop)
                )?;
            }
        }
        Ok(())
    }

    /// Whose rows are left, by the numbers in their texts; every row counts once.
    async fn left(&self) -> Result<Vec<String>> {
        let sql = "SELECT note FROM person UNION ALL SELECT place FROM login";
        let mut left: Vec<String> = on_each!(self, pool, sqlx::query_scalar(sql).fetch_all(pool).await)?;
        left.sort();
        Ok(left)
    }
}

async fn company() -> Result<(Company, BTreeMap<&'static str, Database>)> {
    let mut company = Company::new().await?;
    let databases = Database::all(company.folder.path()).await?;
    let mut handles = Vec::new();
    for (name, database) in &databases {
        database.fill().await?;
        let store = SqlStore::connect(&SqlOptions::new(database.url())).await?;
        handles.push(StoreHandle::new(StoreName::new(*name)?, Arc::new(store) as Arc<dyn DataStore>));
    }
    let manifest = |name: &&str| Manifest::parse(Path::new(name), &MANIFEST.replace("{name}", name)).unwrap();
    let manifests = databases.keys().map(manifest).collect();
    company.fulfilment.registry = Arc::new(Registry::from_manifests(manifests).unwrap());
    company.fulfilment.stores = Stores::new(handles);
    company.start();
    Ok((company, databases))
}

/// What is left when every person with that remainder is gone.
fn rows_of(remainder: usize) -> Vec<String> {
    let people = (0..PEOPLE.len()).filter(|number| number % 2 == remainder);
    let mut rows: Vec<String> = people
        .flat_map(|number| {
            [format!("note of {number}"), format!("place of {number}"), format!("place of {number}")]
        })
        .collect();
    rows.sort();
    rows
}

/// Whose rows the package's JSON files hold, by the numbers in their texts, and how many of each.
fn owners(package: &Package) -> BTreeMap<String, usize> {
    let mut owners = BTreeMap::new();
    let is_data = |path: &str| {
        path.starts_with("data/") && Path::new(path).extension().is_some_and(|end| end == "json")
    };
    let data = package.files.iter().filter(|(path, _)| is_data(path));
    for (_, text) in data {
        for rest in text.split("note of ").skip(1).chain(text.split("place of ").skip(1)) {
            let number = rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
            *owners.entry(number.to_owned()).or_default() += 1;
        }
    }
    owners
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_value_reaches_another_persons_rows_on_any_database() -> Result<()> {
    let (company, databases) = company().await?;
    let mut copies = Vec::new();
    for (email, _) in PEOPLE {
        copies.push(company.submit(email, &[Right::Access], &[]).await?);
    }
    for (number, request) in copies.into_iter().enumerate() {
        company.closed(request).await?;
        let package = company.package(request, Right::Access).await?;
        let case = format!("{number}: {:?}", PEOPLE[number]);
        assert_eq!(package.verified.content.rows, 9, "{case}");
        assert_eq!(owners(&package), BTreeMap::from([(number.to_string(), 9)]), "{case}");
    }
    let mut requests = Vec::new();
    for (email, _) in PEOPLE.iter().step_by(2) {
        requests.push(company.submit(email, &[Right::Deletion], &[]).await?);
    }
    for request in requests {
        assert_eq!(company.closed(request).await?.outcome, Some(Outcome::Done));
    }
    company.stop().await?;
    for (name, database) in &databases {
        assert_eq!(database.left().await?, rows_of(1), "{name}");
    }
    Ok(())
}
