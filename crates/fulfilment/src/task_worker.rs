use async_trait::async_trait;
use habeas_connector_api::Owner;
use habeas_domain::{JobId, Retry, Right, StoreName};
use habeas_ledger::{Claimed, JobToRun, Lease, OpenRequest, TaskDone};
use habeas_runtime::{Failure, Worker};

use crate::{Fulfilment, FulfilmentError, KeyBook, PlanDetail, StoreHandle};

/// Runs the tasks of one store: many people per statement. A group that fails for good is halved until the one bad
/// task is alone.
#[derive(Debug, Clone)]
pub struct TaskWorker {
    pub(crate) fulfilment: Fulfilment,
    pub(crate) store: StoreName,
}

/// One task with all that it needs.
pub(crate) struct Task {
    pub(crate) claimed: Claimed,
    pub(crate) request: OpenRequest,
    pub(crate) right: Right,
    pub(crate) book: KeyBook,
    pub(crate) detail: PlanDetail,
}

/// Tasks numbered as the owners of a connector call.
pub(crate) fn owners(tasks: &[Task]) -> Vec<(Owner, &KeyBook)> {
    (0..).zip(tasks).map(|(owner, task)| (owner, &task.book)).collect()
}

impl TaskWorker {
    /// A worker for the tasks of one store.
    pub const fn new(fulfilment: Fulfilment, store: StoreName) -> Self {
        Self { fulfilment, store }
    }

    pub(crate) fn handle(&self) -> Result<&StoreHandle, FulfilmentError> {
        self.fulfilment.stores.get(&self.store)
    }

    /// Opens requests, jobs, keys and plans. A task whose own data cannot be read fails alone.
    async fn open(&self, group: Vec<Claimed>) -> Result<(Vec<Task>, Vec<Failure>), FulfilmentError> {
        let requests: Vec<_> = group.iter().map(|claimed| claimed.request).collect();
        let jobs: Vec<JobId> = group.iter().filter_map(|claimed| claimed.job).collect();
        let mut requests = self.fulfilment.ledger.open_requests(&requests).await?;
        let jobs = self.fulfilment.ledger.jobs_to_run(&jobs).await?;
        let (mut tasks, mut failures) = (Vec::new(), Vec::new());
        for claimed in group {
            // Two jobs of one request may be in the group: the second opens the request again.
            let request = match requests.remove(&claimed.request) {
                Some(request) => Some(request),
                None => self.fulfilment.ledger.open_request(claimed.request).await.ok(),
            };
            let job = claimed.job.and_then(|job| jobs.get(&job));
            let (Some(request), Some(job)) = (request, job) else { continue };
            match self.task(claimed.clone(), request, job) {
                Ok(task) => tasks.push(task),
                Err(error) => failures.push(Failure::new(&claimed, error)),
            }
        }
        Ok((tasks, failures))
    }

    fn task(&self, claimed: Claimed, request: OpenRequest, job: &JobToRun) -> Result<Task, FulfilmentError> {
        let keys = request.resolved.as_ref().map(|keys| keys.expose().clone()).unwrap_or_default();
        let book = serde_json::from_value(keys)
            .map_err(|source| FulfilmentError::Unreadable { what: "a key book", source })?;
        let detail = job.plan.as_ref().map(PlanDetail::read).transpose()?.unwrap_or_default();
        if job.right.changes_stores() && claimed.kind == habeas_domain::WorkKind::Task {
            self.refuse_changed_manifest(&detail)?;
        }
        Ok(Task { claimed, request, right: job.right, book, detail })
    }

    /// What was approved is what runs.
    fn refuse_changed_manifest(&self, detail: &PlanDetail) -> Result<(), FulfilmentError> {
        let approved = detail.manifests.iter().find(|(store, _)| store == &self.store);
        let now = self.fulfilment.manifest_print(&self.store);
        match approved {
            Some((_, print)) if *print == now => Ok(()),
            _ => Err(FulfilmentError::PlanChanged(self.store.clone())),
        }
    }

    /// Runs tasks of one right together; halves the group when it fails for good.
    async fn run_right(&self, right: Right, mut tasks: Vec<Task>) -> Vec<Failure> {
        let error = match self.attempt(right, &tasks).await {
            Ok(()) => return Vec::new(),
            Err(error) => error,
        };
        let fault = error.to_fault();
        if tasks.len() == 1 || fault.retry != Retry::Never {
            let claimed: Vec<Claimed> = tasks.into_iter().map(|task| task.claimed).collect();
            return Failure::all(&claimed, &fault);
        }
        let second = tasks.split_off(tasks.len() / 2);
        let mut failures = Box::pin(self.run_right(right, tasks)).await;
        failures.extend(Box::pin(self.run_right(right, second)).await);
        failures
    }

    async fn attempt(&self, right: Right, tasks: &[Task]) -> Result<(), FulfilmentError> {
        let done = match right {
            Right::Access | Right::Portability => self.copy(right, tasks).await?,
            Right::Deletion => self.delete(tasks).await?,
            Right::Correction => self.correct(tasks).await?,
            _ => return Err(FulfilmentError::UnknownStore(self.store.clone())),
        };
        fail::fail_point!("task::before_commit");
        self.fulfilment.ledger.tasks_done(done).await?;
        fail::fail_point!("task::after_commit");
        Ok(())
    }

    /// Marks tasks as changing their store from now on. Those whose lease or job is gone are left out, for good.
    pub(crate) async fn enter<'a>(&self, tasks: &'a [Task]) -> Result<Vec<&'a Task>, FulfilmentError> {
        let leases: Vec<Lease> = tasks.iter().map(|task| task.claimed.lease).collect();
        let held = self.fulfilment.ledger.enter(&leases).await?;
        fail::fail_point!("task::entered");
        Ok(tasks.iter().filter(|task| held.contains(&task.claimed.lease)).collect())
    }
}

/// The report of one task.
pub(crate) fn done(task: &Task, rows: u64, detail: &crate::TaskDetail) -> Result<TaskDone, FulfilmentError> {
    let report = serde_json::to_value(detail)
        .map_err(|source| FulfilmentError::Unreadable { what: "a report", source })?;
    Ok(TaskDone {
        lease: task.claimed.lease,
        request: task.request.id,
        rows,
        report,
        object: None,
        again_at: None,
    })
}

#[async_trait]
impl Worker for TaskWorker {
    fn name(&self) -> &'static str {
        "task"
    }

    async fn run(&self, group: Vec<Claimed>) -> Vec<Failure> {
        let (mut tasks, mut failures) = match self.open(group.clone()).await {
            Ok(opened) => opened,
            Err(error) => return Failure::all(&group, &error.to_fault()),
        };
        for right in Right::ALL {
            let of_right: Vec<Task> = tasks.extract_if(.., |task| task.right == right).collect();
            if !of_right.is_empty() {
                failures.extend(self.run_right(right, of_right).await);
            }
        }
        failures
    }
}
