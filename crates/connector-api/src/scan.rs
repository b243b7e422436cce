//! Reading every row of a collection, a page at a time, whoever it belongs to.

use std::fmt;

use habeas_domain::{CollectionName, FieldName, Value, personal::REDACTED};

/// One page of a collection. The pages of a collection together hold each row once that was there from the first to the
/// last; rows that come or go meanwhile may be in them or not.
#[derive(Debug, Clone)]
pub struct Scan {
    /// The collection.
    pub collection: CollectionName,
    /// The fields to give back, in this order.
    pub fields: Vec<FieldName>,
    /// Where the page before ended; nothing for the first.
    pub after: Option<Place>,
    /// The most rows of a page, at least one: what is held in memory at once.
    pub limit: u32,
}

/// Where a page ended. Means something only to the store that gave it.
#[derive(Clone, PartialEq)]
pub struct Place(pub Vec<Value>);

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// Some rows of a collection.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanPage {
    /// The rows, their values in the order of [`Scan::fields`].
    pub rows: Vec<Vec<Value>>,
    /// Where the next page begins; nothing after the last.
    pub next: Option<Place>,
}
