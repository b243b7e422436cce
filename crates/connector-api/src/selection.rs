//! Asking for the rows of many people at once.

use std::collections::BTreeMap;

use habeas_domain::{CollectionName, FieldName, KeyValue, Value};

/// One person of the group that a call is about. Which person an index means is the caller's business.
pub type Owner = u32;

/// How key values are compared. Always in full: a key never matches as a part or a pattern of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compare {
    /// Character by character, in Unicode normal form C.
    Exact,
    /// Without regard to case, as for mail addresses.
    Caseless,
}

/// Finds the rows whose `field` holds one of these values. NULL never matches.
#[derive(Debug, Clone)]
pub struct FieldMatch {
    /// The field that holds the key.
    pub field: FieldName,
    /// How its values are compared.
    pub compare: Compare,
    /// The values, each with the owners it stands for. A value may stand for several people (a shared phone).
    pub values: BTreeMap<KeyValue, Vec<Owner>>,
}

/// The rows of one collection that any of the matches finds.
#[derive(Debug, Clone)]
pub struct Selection {
    /// The collection.
    pub collection: CollectionName,
    /// What finds a row; any one is enough. None finds nothing.
    pub matches: Vec<FieldMatch>,
    /// What says that a row is not an owner's, whatever finds it. None leaves every found row to its owners.
    pub except: Vec<FieldMatch>,
    /// The fields to give back, in this order.
    pub fields: Vec<FieldName>,
}

/// One row, and whom it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnedRow {
    /// The owners, ascending, each once, never empty.
    pub owners: Vec<Owner>,
    /// The values in the order of [`Selection::fields`].
    pub values: Vec<Value>,
}
