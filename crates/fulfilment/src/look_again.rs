//! Stores that a deletion entered and never reported from: what was done there is read, and not guessed.

use habeas_domain::{JobState, Retry, StoreName};
use habeas_ledger::TaskReport;

use crate::{
    Fulfilment, FulfilmentError, KeyBook, PlanDetail, TaskDetail, conclude::Case, task_worker::TaskWorker,
};

/// How often a store that does not answer is asked again, with the pauses of a failing conclusion between. Then the letter
/// goes out and names it among what is not known to be done.
const MOST_TRIES: u32 = 4;

impl Fulfilment {
    /// Reads the stores again that a task of this deletion entered and did not report from, because the job was taken back or
    /// ended with a part. Where nothing is left that should be gone, it is told as done, and not counted.
    pub(crate) async fn look_again(&self, case: &mut Case<'_>) -> Result<(), FulfilmentError> {
        let ends = case.job.state == JobState::Concluding && case.job.right.removes_data();
        let Some(plan) = case.job.plan.as_ref().filter(|_| ends) else { return Ok(()) };
        let reported = |store: &&StoreName| case.reports.iter().any(|report| report.store == **store);
        let mut open: Vec<&StoreName> = plan.stores.iter().filter(|store| !reported(store)).collect();
        if open.is_empty() {
            return Ok(());
        }
        let entered = self.ledger.entered_stores(case.job.id).await?;
        open.retain(|store| entered.contains(*store));
        let keys = PlanDetail::read(plan)?.keys;
        for store in open {
            if self.is_erased(case, store, &keys).await? {
                case.reports.push(found_done(case, store)?);
            }
        }
        case.reports.sort_by(|one, other| one.store.cmp(&other.store));
        Ok(())
    }

    async fn is_erased(
        &self,
        case: &Case<'_>,
        store: &StoreName,
        keys: &KeyBook,
    ) -> Result<bool, FulfilmentError> {
        match TaskWorker::new(self.clone(), store.clone()).is_erased(keys).await {
            Err(error) if error.to_fault().retry != Retry::Never && case.claimed.attempts < MOST_TRIES => {
                Err(error)
            }
            found => Ok(found.unwrap_or(false)),
        }
    }
}

fn found_done(case: &Case<'_>, store: &StoreName) -> Result<TaskReport, FulfilmentError> {
    let detail = TaskDetail::Changed { collections: Vec::new(), done_before: true };
    Ok(TaskReport {
        work: case.claimed.lease.work,
        job: case.job.id,
        store: store.clone(),
        rows: 0,
        report: serde_json::to_value(detail).map_err(FulfilmentError::unreadable("a report"))?,
        object: None,
    })
}
