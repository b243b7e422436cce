//! What a task reports: counts, places and proofs, never values.

use chrono::{DateTime, NaiveDate, Utc};
use habeas_domain::{Bilingual, CollectionName, FieldName, SideName, schema::FieldType};
use habeas_ledger::TaskReport;
use serde::{Deserialize, Serialize};

use crate::{FulfilmentError, Owed, task_worker::Task};

/// A part of a spool: the rows of one collection, sealed on their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// The collection.
    pub collection: CollectionName,
    /// The fields, in the order of the values of each row, with their types.
    pub fields: Vec<(FieldName, FieldType)>,
    /// Where it begins in the object.
    pub offset: u64,
    /// How long it is, sealed.
    pub length: u64,
    /// How many rows.
    pub rows: u64,
    /// Fields that are about somebody else in some of the rows, with how many of these said something.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<(FieldName, u64)>,
}

/// What a change did to one collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectionReport {
    /// The collection.
    pub collection: CollectionName,
    /// What people call it.
    pub title: Bilingual,
    /// Which side of its rows was changed, where rows are about more than one person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<SideName>,
    /// What was done: `deleted`, `rewritten`, `corrected`.
    pub action: String,
    /// Rows that were found and meant.
    pub matched: u64,
    /// Of these, rows that were not yet as they should be.
    pub changed: u64,
    /// Rows that a rule keeps.
    pub kept: u64,
    /// Why they are kept.
    pub reason: Option<Bilingual>,
    /// The last day on which any of them is kept.
    pub until: Option<NaiveDate>,
    /// What is to go when the rule ends, where rows are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owed: Option<Owed>,
    /// Rows that hold a value which is neither the old nor the new one of a correction.
    pub conflicts: u64,
    /// When the store was re-read and found to be as it should be.
    pub proven_at: DateTime<Utc>,
}

/// What a task did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "did", rename_all = "kebab-case")]
pub enum TaskDetail {
    /// Rows were copied to the spool.
    Copied {
        /// Where they lie.
        segments: Vec<Segment>,
    },
    /// Rows were deleted or changed.
    Changed {
        /// Collection by collection.
        collections: Vec<CollectionReport>,
        /// An attempt before had been cut off between changing the store and reporting it. This one found the work
        /// done and proved it; how many rows it had been about is not known.
        #[serde(default)]
        done_before: bool,
    },
}

impl TaskDetail {
    /// Reads what a stored report says.
    pub fn read(report: &TaskReport) -> Result<Self, FulfilmentError> {
        serde_json::from_value(report.report.clone()).map_err(FulfilmentError::unreadable("a report"))
    }

    /// A change, for the task that made it.
    pub(crate) fn of_change(task: &Task, rows: u64, collections: Vec<CollectionReport>) -> Self {
        Self::Changed { collections, done_before: task.claimed.entered_before && rows == 0 }
    }

    /// Whether the work was found done, so that its rows could not be counted.
    pub const fn is_uncounted(&self) -> bool {
        matches!(self, Self::Changed { done_before: true, .. })
    }

    /// What was changed, collection by collection; nothing for a copy.
    pub fn changed(self) -> Vec<CollectionReport> {
        match self {
            Self::Copied { .. } => Vec::new(),
            Self::Changed { collections, .. } => collections,
        }
    }
}
