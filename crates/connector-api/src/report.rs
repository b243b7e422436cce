//! What a change did, in numbers.

use std::collections::BTreeMap;

use habeas_domain::CollectionName;

use crate::Owner;

/// How many rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Found by the keys and admitted by the condition.
    pub matched: u64,
    /// Of these, deleted or given another value. The rest already was as it should be.
    pub changed: u64,
    /// Found by the keys, but left alone because the condition did not admit them.
    pub kept: u64,
}

impl Counts {
    /// Counts one row.
    pub const fn add(&mut self, admitted: bool, changed: bool) {
        if admitted {
            self.matched += 1;
            self.changed += changed as u64;
        } else {
            self.kept += 1;
        }
    }
}

/// What one step did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepReport {
    /// The collection.
    pub collection: CollectionName,
    /// All rows, each counted once.
    pub rows: Counts,
    /// The rows of each owner. A row of several owners counts for each of them; an owner without rows is absent.
    pub owners: BTreeMap<Owner, Counts>,
    /// Rows that the store's own, looser equality found and that belong to nobody: left alone.
    pub unowned: u64,
}

impl StepReport {
    /// A report of nothing done yet.
    pub fn new(collection: CollectionName) -> Self {
        Self { collection, rows: Counts::default(), owners: BTreeMap::new(), unowned: 0 }
    }

    /// Counts one row for its owners, and says for which of them it was changed.
    pub fn add(&mut self, owners: &[Owner], admitted: bool, changed_for: &[Owner]) {
        self.rows.add(admitted, !changed_for.is_empty());
        for owner in owners {
            self.owners.entry(*owner).or_default().add(admitted, changed_for.contains(owner));
        }
    }
}

/// What a change set did, step by step in its order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangeReport {
    /// One report per step.
    pub steps: Vec<StepReport>,
}

impl ChangeReport {
    /// How many rows were changed in all.
    pub fn changed(&self) -> u64 {
        self.steps.iter().map(|step| step.rows.changed).sum()
    }
}
