//! Stores on the disk: one SQLite file and one manifest each.

use std::fmt::Write as _;

use std::path::Path;

use sqlx::{AssertSqlSafe, Connection, Sqlite, SqliteConnection, query::Query, sqlite::SqliteConnectOptions};

use super::{Cell, Row, StoreFile, StorePlan};
use crate::failure::{Exit, Failure};

/// Writes a store's database and manifest.
pub(super) async fn write(folder: &Path, plan: StorePlan) -> Result<StoreFile, Failure> {
    let file = folder.join(format!("{}.db", plan.name));
    fill(&file, &plan).await.map_err(|error| Failure::of(Exit::Unavailable, "demo", &error))?;
    let manifest = plan.manifest.replace("{url}", &url(&file));
    std::fs::write(folder.join(format!("{}.toml", plan.name)), manifest)
        .map_err(|error| Failure::of(Exit::Unavailable, "demo", &error))?;
    Ok(StoreFile { name: plan.name, about: plan.about, file, rows: plan.rows })
}

/// A path as a URL: what has a meaning there is escaped.
fn url(file: &Path) -> String {
    let mut url = String::from("sqlite://");
    for letter in file.to_string_lossy().chars() {
        match letter {
            '%' | '?' | '#' | ' ' | '"' | '\\' => drop(write!(url, "%{:02X}", u32::from(letter))),
            plain => url.push(plain),
        }
    }
    url
}

async fn fill(file: &Path, plan: &StorePlan) -> Result<(), sqlx::Error> {
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true).foreign_keys(false);
    let mut store = SqliteConnection::connect_with(&options).await?;
    let mut all = store.begin().await?;
    sqlx::raw_sql(plan.schema).execute(&mut *all).await?;
    for row in &plan.rows {
        let sql = insert(row);
        bound(sqlx::query(AssertSqlSafe(sql)), row).execute(&mut *all).await?;
    }
    all.commit().await?;
    store.close().await
}

fn insert(row: &Row) -> String {
    let names: Vec<&str> = row.cells.iter().map(|(name, _)| *name).collect();
    let places = vec!["?"; names.len()].join(", ");
    format!("INSERT INTO {} ({}) VALUES ({places})", row.table, names.join(", "))
}

/// Binds a row's values in the order of its columns.
pub(in crate::demo) fn bound<'q>(
    query: Query<'q, Sqlite, sqlx::sqlite::SqliteArguments>,
    row: &Row,
) -> Query<'q, Sqlite, sqlx::sqlite::SqliteArguments> {
    row.cells.iter().fold(query, |query, (_, cell)| match cell {
        Cell::Null => query.bind(None::<String>),
        Cell::Int(number) => query.bind(*number),
        Cell::Text(text) => query.bind(text.clone()),
    })
}
