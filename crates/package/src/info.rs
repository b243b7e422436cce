//! What a package is told about itself. Nothing is shown that is not handed in here or through the rows.

use chrono::{DateTime, NaiveDate, Utc};
use habeas_domain::{
    Bilingual, Category, CollectionName, FieldName, Language, RequestId, Right, StoreName, letter::Kept,
    schema::FieldType,
};

/// A package's heading.
#[derive(Debug, Clone)]
pub struct PackageInfo {
    /// The request that it answers.
    pub request: RequestId,
    /// The right being fulfilled. [`Right::Portability`] leaves out what only explains (labels of categories).
    pub right: Right,
    /// The person's language. It comes first on every page; the other follows.
    pub language: Language,
    /// The name of the controller.
    pub controller: String,
    /// The law that was applied.
    pub regime: Bilingual,
    /// Where the person can complain (GDPR art. 15(1)(f)): a sentence or two.
    pub complaint: Bilingual,
    /// When it was made. Every time in the archive comes from here.
    pub created_at: DateTime<Utc>,
    /// The version of the privacy notice in force (mission N30).
    pub notice_version: Option<String>,
    /// The titles of products whose stores could not be read, so that nobody takes the package for whole.
    pub undone: Vec<String>,
    /// What a rule keeps of earlier deletions of the same person. It is among the rows as far as the person's keys still find it.
    pub kept: Vec<Kept>,
}

/// One collection of one store.
#[derive(Debug, Clone)]
pub struct CollectionInfo {
    /// The store that holds it.
    pub store: StoreName,
    /// The title of the product that the store belongs to.
    pub product: String,
    /// Its name in the store.
    pub collection: CollectionName,
    /// What people call it.
    pub title: Bilingual,
    /// Its fields, in the order of the values of each row. Names may not repeat.
    pub fields: Vec<FieldInfo>,
}

/// One field of a collection.
#[derive(Debug, Clone)]
pub struct FieldInfo {
    /// Its name in the store, and in the data files.
    pub name: FieldName,
    /// What people call it; its name if nothing.
    pub title: Option<Bilingual>,
    /// What kind of personal data it holds.
    pub category: Option<Category>,
    /// The type that the store declares.
    pub kind: FieldType,
}

/// Something that is held and not handed over (GDPR art. 15(4), 23; APPI art. 33(2)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    /// What, such as the title of a collection.
    pub what: Bilingual,
    /// Why.
    pub reason: Bilingual,
    /// The last day on which any of it is kept; nothing if no date is set.
    pub until: Option<NaiveDate>,
    /// How many rows.
    pub rows: u64,
}
