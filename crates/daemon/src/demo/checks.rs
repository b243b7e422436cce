//! Whether what was said was done: the stores are opened without Habeas and read.

use habeas_domain::{Channel, Outcome, Right};
use serde::Serialize;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{
    company::{self, Row, StoreFile, files::bound},
    gather::Gathered,
    play::{NEW_ADDRESS, NEW_NAME},
};
use crate::failure::{Exit, Failure};

/// One thing that must hold.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Check {
    /// What must hold.
    pub(super) what: String,
    /// Whether it does.
    pub(super) holds: bool,
}

/// Checks everything.
pub(super) async fn check(gathered: &Gathered, stores: &[StoreFile]) -> Result<Vec<Check>, Failure> {
    let mut found = Found::default();
    for store in stores {
        found.look(store).await.map_err(|error| Failure::of(Exit::Findings, "demo", &error))?;
    }
    let closed = gathered.requests.iter().all(|told| told.view.closed_at.is_some());
    let outcomes = gathered.requests.iter().all(|told| {
        told.view.jobs.iter().all(|job| match job.outcome {
            Some(Outcome::Done) => true,
            Some(Outcome::PartlyDone) => !told.kept.is_empty(),
            _ => false,
        })
    });
    let (whole, entries) = gathered.trail;
    let packages: usize = gathered.requests.iter().map(|told| told.downloads.len()).sum();
    let jobs = gathered.requests.iter().flat_map(|told| &told.view.jobs);
    let copies = jobs.filter(|job| job.right.gives_a_copy()).count();
    let by_mail = gathered.requests.iter().filter(|told| told.view.channel == Channel::Mailbox);
    let two_in_one = by_mail.filter(|told| told.view.jobs.len() == 2).count();
    Ok(vec![
        one("every request is closed, and what could be done was done", closed && outcomes),
        one(
            "all four packages were downloaded, and every hash and the signature are right",
            packages == copies && copies == 4,
        ),
        one("the mail became one request with two rights", two_in_one == 1),
        one(
            "the deleted person is in no store any more, except in invoices that tax law keeps",
            found.deleted == 0,
        ),
        one(
            "the invoices that tax law keeps are there, and the one it no longer keeps is gone",
            found.kept_invoices == 2,
        ),
        one("the new address and name are in every store that had the old ones", found.corrected),
        one(
            &format!("all {} rows of everybody else are as they were", found.others),
            found.others > 0 && found.touched == 0,
        ),
        one(&format!("the audit trail of {entries} entries is whole"), whole),
    ])
}

fn one(what: &str, holds: bool) -> Check {
    Check { what: what.to_owned(), holds }
}

/// What the stores hold now.
struct Found {
    /// Rows of the deleted person, invoices apart.
    deleted: usize,
    /// Invoices of the deleted person.
    kept_invoices: usize,
    /// Whether the correction is everywhere.
    corrected: bool,
    /// Rows of everybody who asked for no change.
    others: usize,
    /// How many of these are not as they were.
    touched: usize,
}

impl Default for Found {
    fn default() -> Self {
        Self { deleted: 0, kept_invoices: 0, corrected: true, others: 0, touched: 0 }
    }
}

impl Found {
    async fn look(&mut self, store: &StoreFile) -> Result<(), sqlx::Error> {
        let options = SqliteConnectOptions::new().filename(&store.file).read_only(true);
        let mut db = SqliteConnection::connect_with(&options).await?;
        for row in &store.rows {
            match row.owner {
                company::DELETION => self.deleted(&mut db, row).await?,
                company::CORRECTION => self.corrected(&mut db, row).await?,
                _ => {
                    self.others += 1;
                    self.touched += usize::from(!is_there(&mut db, &spared(row)).await?);
                }
            }
        }
        db.close().await
    }

    async fn deleted(&mut self, db: &mut SqliteConnection, row: &Row) -> Result<(), sqlx::Error> {
        let there = usize::from(is_there(db, row).await?);
        if row.table == "invoices" {
            self.kept_invoices += there;
        } else {
            self.deleted += there;
        }
        Ok(())
    }

    /// The row must be as it was, with the new values in place of the old ones.
    async fn corrected(&mut self, db: &mut SqliteConnection, row: &Row) -> Result<(), sqlx::Error> {
        let mut wanted = spared(row);
        for (name, cell) in &mut wanted.cells {
            match (row.table, *name) {
                (_, "email") => *cell = NEW_ADDRESS.into(),
                ("customers", "name") => *cell = NEW_NAME.into(),
                _ => {}
            }
        }
        self.corrected &= is_there(db, &wanted).await?;
        Ok(())
    }
}

/// A row without what the deletion of somebody else may empty: who referred a customer.
fn spared(row: &Row) -> Row {
    let mut row = row.clone();
    let deleted = company::people().get(company::DELETION).map(|person| company::Cell::Int(person.id));
    row.cells.retain(|(name, cell)| *name != "referred_by" || Some(cell) != deleted.as_ref());
    row
}

async fn is_there(db: &mut SqliteConnection, row: &Row) -> Result<bool, sqlx::Error> {
    let wanted: Vec<String> = row.cells.iter().map(|(name, _)| format!("{name} IS ?")).collect();
    let sql = format!("SELECT count(*) FROM {} WHERE {}", row.table, wanted.join(" AND "));
    let query = bound(sqlx::query(AssertSqlSafe(sql)), row);
    let count: i64 = sqlx::Row::get(&query.fetch_one(db).await?, 0);
    Ok(count == 1)
}

/// The rights whose jobs change stores are the two that the checks above look for.
const _: () = assert!(Right::Deletion.changes_stores() && Right::Correction.changes_stores());
