//! Example Mart, a plainly fictional company: five stores, a few dozen people.

mod app;
mod billing;
pub(super) mod files;
mod newsletter;
mod people;
mod row;
mod shop;
mod support;

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

pub(super) use people::{ACCESS, BY_MAIL, CORRECTION, DELETION, PORTABILITY, Person, people};
pub(super) use row::{Cell, Row};

use crate::failure::Failure;

/// One store: its schema, its manifest and its rows.
struct StorePlan {
    name: &'static str,
    /// What it holds, for the story.
    about: &'static str,
    schema: &'static str,
    /// With `{url}` in place of the URL.
    manifest: &'static str,
    rows: Vec<Row>,
}

/// A store as it lies on the disk.
#[derive(Debug, Clone)]
pub(super) struct StoreFile {
    /// Its name.
    pub(super) name: &'static str,
    /// What it holds.
    pub(super) about: &'static str,
    /// The database.
    pub(super) file: PathBuf,
    /// What was written into it.
    pub(super) rows: Vec<Row>,
}

/// Writes all stores into `folder/stores`, each with its manifest beside it.
pub(super) async fn found(folder: &Path, today: NaiveDate) -> Result<Vec<StoreFile>, Failure> {
    let people = people();
    let plans = [
        shop::plan(&people, today),
        billing::plan(&people, today),
        support::plan(&people, today),
        newsletter::plan(&people, today),
        app::plan(&people, today),
    ];
    let mut stores = Vec::new();
    for plan in plans {
        stores.push(files::write(&folder.join("stores"), plan).await?);
    }
    Ok(stores)
}
