//! Two more stores of the company, of the other kinds of database: a club in MariaDB, and notes of calls in SQLite. Each
//! keeps a log of its effects.

use std::path::Path;

use anyhow::{Context as _, Result};
use habeas_test_support::shared::{self, TestDatabase};
use sqlx::{MySqlPool, SqlitePool, mysql::MySqlPoolOptions, sqlite::SqlitePoolOptions};
use tempfile::TempDir;

use super::MARK;

const CLUB: &str = "
CREATE TABLE members (customer_id bigint PRIMARY KEY, nickname varchar(80));
CREATE TABLE effects (customer_id bigint NOT NULL);
CREATE TRIGGER member_deleted AFTER DELETE ON members FOR EACH ROW INSERT INTO effects VALUES (OLD.customer_id);
";

const CALLS: &str = "
CREATE TABLE calls (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, note TEXT);
CREATE INDEX calls_of_customer ON calls (customer_id);
CREATE TABLE effects (customer_id INTEGER NOT NULL);
CREATE TRIGGER call_deleted AFTER DELETE ON calls BEGIN INSERT INTO effects VALUES (OLD.customer_id); END;
";

const CLUB_MANIFEST: &str = r#"
[store]
name = "club"
driver = "mysql"
url = { env = "TEST_CLUB_URL" }
product = "Club"
title = { en = "Club", ja = "クラブ" }

[[collection]]
name = "members"
title = { en = "Membership", ja = "会員情報" }
delete = "rows"
fields.customer_id = { key = "customer_id" }
fields.nickname = { category = "user.name", provided = true }
"#;

const CALLS_MANIFEST: &str = r#"
[store]
name = "calls"
driver = "sqlite"
url = { env = "TEST_CALLS_URL" }
product = "Support desk"
title = { en = "Telephone notes", ja = "お電話の記録" }

[[collection]]
name = "calls"
title = { en = "Calls", ja = "お電話" }
delete = "rows"
fields.id = { internal = true }
fields.customer_id = { key = "customer_id" }
fields.note = { category = "user.content" }
"#;

/// A customer, and how often a store was told to delete them.
type Effects = Vec<(i64, i64)>;

/// The club and the calls.
#[derive(Debug)]
pub(super) struct More {
    club: TestDatabase,
    club_pool: MySqlPool,
    calls: SqlitePool,
    folder: TempDir,
}

impl More {
    /// Each of so many customers is a member of the club and has called once.
    pub(super) async fn found(people: i64) -> Result<Self> {
        let (club, folder) = (shared::mariadb_database().await?, tempfile::tempdir()?);
        let club_pool = MySqlPoolOptions::new().max_connections(2).connect_lazy(&club.url)?;
        let url = format!("{}?mode=rwc", url_in(&folder));
        let calls = SqlitePoolOptions::new().max_connections(1).connect(&url).await?;
        // As a program of the company's own would: it and Habeas write to one file.
        sqlx::raw_sql("PRAGMA journal_mode = WAL").execute(&calls).await?;
        sqlx::raw_sql(CLUB).execute(&club_pool).await.context("making the club")?;
        sqlx::raw_sql(CALLS).execute(&calls).await.context("making the calls")?;
        let more = Self { club, club_pool, calls, folder };
        more.settle(people).await?;
        Ok(more)
    }

    async fn settle(&self, people: i64) -> Result<()> {
        for person in 1..=people {
            let member = "INSERT INTO members VALUES (?, ?)";
            let name = format!("{MARK} the {person}");
            sqlx::query(member).bind(person).bind(name).execute(&self.club_pool).await?;
            let call = "INSERT INTO calls VALUES (?, ?, ?)";
            let note = format!("asked for {MARK} {person}");
            sqlx::query(call).bind(person).bind(person).bind(note).execute(&self.calls).await?;
        }
        Ok(())
    }

    /// What the manifests take from the environment.
    pub(super) fn environment(&self) -> [(&'static str, String); 2] {
        [("TEST_CLUB_URL", self.club.url.clone()), ("TEST_CALLS_URL", url_in(&self.folder))]
    }

    pub(super) async fn rows_of(&self, person: i64) -> Result<i64> {
        let members = "SELECT count(*) FROM members WHERE customer_id = ?";
        let members: i64 = sqlx::query_scalar(members).bind(person).fetch_one(&self.club_pool).await?;
        let calls = "SELECT count(*) FROM calls WHERE customer_id = ?";
        let calls: i64 = sqlx::query_scalar(calls).bind(person).fetch_one(&self.calls).await?;
        Ok(members + calls)
    }

    pub(super) async fn effects(&self) -> Result<[(&'static str, Effects); 2]> {
        let sql = "SELECT customer_id, count(*) FROM effects GROUP BY customer_id";
        let club: Effects = sqlx::query_as(sql).fetch_all(&self.club_pool).await?;
        let calls: Effects = sqlx::query_as(sql).fetch_all(&self.calls).await?;
        Ok([("club", club), ("calls", calls)])
    }
}

fn url_in(folder: &TempDir) -> String {
    format!("sqlite://{}", folder.path().join("calls.db").display())
}

pub(super) fn write_manifests(folder: &Path) -> Result<()> {
    std::fs::write(folder.join("club.toml"), CLUB_MANIFEST)?;
    std::fs::write(folder.join("calls.toml"), CALLS_MANIFEST)?;
    Ok(())
}
