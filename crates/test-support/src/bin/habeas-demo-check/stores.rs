//! The stores themselves, opened without Habeas: the deleted person is gone, the others are still there.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};

use crate::document::{Document, located};

const AT_LEAST: usize = 4;

/// What is wrong with the stores.
pub(crate) async fn findings(document: &Document, folder: &Path) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    if document.stores.len() < AT_LEAST {
        findings.push(format!("{} stores, fewer than {AT_LEAST}", document.stores.len()));
    }
    let mut places = Places::default();
    for store in &document.stores {
        let file = located(folder, &store.file);
        places
            .search(&file, document)
            .await
            .with_context(|| format!("store {} ({})", store.name, file.display()))?;
    }
    if let Some(deleted) = document.request_for("deletion") {
        let left = places.0.iter().filter(|place| place.email == deleted.email);
        findings.extend(left.map(|place| format!("the deleted person is still in {}", place.column)));
    }
    for right in ["access", "portability"] {
        let Some(kept) = document.request_for(right) else { continue };
        let is_deleted = document.request_for("deletion").is_some_and(|deleted| deleted.email == kept.email);
        if !is_deleted && !places.0.iter().any(|place| place.email == kept.email) {
            findings.push(format!("the person who asked for {right} is in no store any more"));
        }
    }
    Ok(findings)
}

/// Where the persons' addresses were found.
#[derive(Default)]
struct Places(Vec<Place>);

struct Place {
    email: String,
    column: String,
}

impl Places {
    async fn search(&mut self, file: &Path, document: &Document) -> Result<()> {
        let options = SqliteConnectOptions::new().filename(file).create_if_missing(false).read_only(true);
        let mut store = SqliteConnection::connect_with(&options).await?;
        let verdict: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut store).await?;
        if verdict != "ok" {
            bail!("integrity check: {verdict}");
        }
        for (table, column) in columns(&mut store).await? {
            let (quoted_table, quoted_column) = (quoted(&table), quoted(&column));
            let sql = format!(
                "SELECT count(*) FROM {quoted_table} WHERE instr(lower({quoted_column}), lower(?)) > 0"
            );
            for request in &document.requests {
                let query = sqlx::query_scalar(AssertSqlSafe(sql.clone())).bind(&request.email);
                let count: i64 = query.fetch_one(&mut store).await?;
                if count > 0 {
                    let column = format!("{}: {table}.{column}", file.display());
                    self.0.push(Place { email: request.email.clone(), column });
                }
            }
        }
        Ok(store.close().await?)
    }
}

/// All columns of all tables.
async fn columns(store: &mut SqliteConnection) -> Result<Vec<(String, String)>> {
    let sql = "SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c \
               WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY 1, 2";
    let found: Vec<(String, String)> = sqlx::query_as(sql).fetch_all(store).await?;
    if found.is_empty() {
        bail!("no tables");
    }
    Ok(found)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
