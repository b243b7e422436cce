//! What a rule keeps of earlier deletions, for whoever asks again: keys find some of it, and what lost its link none.

use std::collections::BTreeMap;

use habeas_domain::{CollectionName, StoreName, letter::Kept};
use habeas_ledger::{JobToRun, TaskReport};

use crate::{FulfilmentError, TaskDetail, ending::kept};

/// Whether the answer to a job tells of it: a copy, and a deletion that finds nothing to delete.
pub(crate) fn is_told(job: &JobToRun, reports: &[TaskReport]) -> bool {
    job.right.gives_a_copy() || job.right.removes_data() && !reports.iter().any(|report| report.job == job.id)
}

/// What these reports say is kept. Of a collection that several deletions were about the largest number counts: they may have
/// met the same rows.
pub(crate) fn kept_in(reports: &[TaskReport]) -> Result<Vec<Kept>, FulfilmentError> {
    let mut all: BTreeMap<(StoreName, CollectionName), Kept> = BTreeMap::new();
    for report in reports {
        for one in TaskDetail::read(report)?.changed() {
            let Some(found) = kept(&one) else { continue };
            let known = all.entry((report.store.clone(), one.collection)).or_insert_with(|| found.clone());
            if found.rows > known.rows {
                *known = found;
            }
        }
    }
    Ok(all.into_values().collect())
}
