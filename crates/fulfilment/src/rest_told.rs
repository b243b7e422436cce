//! What is told when the rest of a deletion is done: what a rule kept then and keeps no longer (mission N17).

use std::collections::{BTreeMap, BTreeSet};

use habeas_domain::{JobState, Letter, StoreName, TypedId, WorkId};
use habeas_ledger::TaskReport;

use crate::conclude::Case;

impl Case<'_> {
    /// The reports of the rest of a deletion, if the work is to tell of that: its target is the work that was the last of it.
    /// Of each store the first report is that of the deletion itself; ids follow one another in time.
    pub(crate) fn rest_done(&self) -> Option<Vec<&TaskReport>> {
        if self.job.state != JobState::Ended || !self.job.right.removes_data() {
            return None;
        }
        let mut first: BTreeMap<&StoreName, WorkId> = BTreeMap::new();
        for report in &self.reports {
            let work = first.entry(&report.store).or_insert(report.work);
            *work = (*work).min(report.work);
        }
        let rest: Vec<&TaskReport> =
            self.reports.iter().filter(|report| first.get(&report.store) != Some(&report.work)).collect();
        rest.iter().any(|report| report.work.uuid() == self.claimed.target).then_some(rest)
    }
}

/// The letter about it.
pub(crate) fn rest_deleted(rest: &[&TaskReport], receipt: String) -> Letter {
    let stores: BTreeSet<&StoreName> = rest.iter().map(|report| &report.store).collect();
    Letter::RestDeleted {
        rows: rest.iter().map(|report| report.rows).sum(),
        stores: u32::try_from(stores.len()).unwrap_or(u32::MAX),
        receipt,
    }
}
