use chrono::{DateTime, Utc};
use habeas_domain::{KeyName, KeyValue};

/// What a finished deletion is remembered by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erased {
    /// Every key of the person, in each spelling that a row of some store may hold it in. Kept as keyed hashes alone.
    pub keys: Vec<(KeyName, KeyValue)>,
    /// For what a keep rule had put off: when the deletion itself was proven. Rows from later were not meant.
    pub since: Option<DateTime<Utc>>,
}
