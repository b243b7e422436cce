//! What is told when the rest of a deletion is done: what a rule kept then and keeps no longer (mission N17).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use habeas_domain::{JobState, Letter, StoreName, TypedId, WorkId};
use habeas_ledger::TaskReport;

use crate::{
    CollectionReport, FulfilmentError, TaskDetail,
    conclude::Case,
    ending::{kept, proven_at},
};

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

/// The letter about it. What the last report of each store still keeps has no end that its rows tell.
pub(crate) fn rest_deleted(
    all: &[TaskReport],
    rest: &[&TaskReport],
    receipt: String,
) -> Result<Letter, FulfilmentError> {
    let stores: BTreeSet<&StoreName> = rest.iter().map(|report| &report.store).collect();
    let mut last: BTreeMap<&StoreName, Vec<CollectionReport>> = BTreeMap::new();
    for report in all {
        let collections = TaskDetail::read(report)?.changed();
        let known = last.entry(&report.store).or_insert_with(|| collections.clone());
        if order(&collections) > order(known) {
            *known = collections;
        }
    }
    Ok(Letter::RestDeleted {
        rows: rest.iter().map(|report| report.rows).sum(),
        stores: u32::try_from(stores.len()).unwrap_or(u32::MAX),
        kept: last.values().flatten().filter_map(kept).collect(),
        receipt,
    })
}

/// The reports of a store one after another. One that met nothing any more is the last: what puts off more has met it.
fn order(collections: &[CollectionReport]) -> (bool, Option<DateTime<Utc>>) {
    let proven = proven_at(collections);
    (proven.is_none(), proven)
}
