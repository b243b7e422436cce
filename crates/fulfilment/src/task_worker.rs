use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures::FutureExt;
use habeas_connector_api::Owner;
use habeas_domain::{JobId, Right, StoreName, WorkKind};
use habeas_ledger::{Claimed, JobToRun, Lease, OpenRequest, TaskDone};
use habeas_runtime::{Failure, Worker};

use crate::{Fulfilment, FulfilmentError, KeyBook, PlanDetail, StoreHandle, TaskDetail, halving::halving};

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
    pub(crate) request: Arc<OpenRequest>,
    pub(crate) right: Right,
    pub(crate) detail: PlanDetail,
    /// For the deferred rest of a deletion: when the deletion itself was proven. Rows that came later are not meant.
    pub(crate) since: Option<DateTime<Utc>>,
}

/// What tasks of a group must have in common to run together.
type Sort = (Right, Option<DateTime<Utc>>);

/// Tasks numbered as the owners of a connector call.
pub(crate) fn owners<'a>(tasks: impl IntoIterator<Item = &'a Task>) -> Vec<(Owner, &'a KeyBook)> {
    (0..).zip(tasks).map(|(owner, task)| (owner, &task.detail.keys)).collect()
}

impl TaskWorker {
    /// A worker for the tasks of one store.
    pub const fn new(fulfilment: Fulfilment, store: StoreName) -> Self {
        Self { fulfilment, store }
    }

    pub(crate) fn handle(&self) -> Result<&StoreHandle, FulfilmentError> {
        self.fulfilment.stores.get(&self.store)
    }

    async fn run_group(&self, group: &[Claimed]) -> Result<Vec<Failure>, FulfilmentError> {
        let (tasks, mut failures) = self.open(group).await?;
        for (sort, tasks) in tasks {
            let run = |part| self.attempt(sort, part).boxed();
            failures.extend(halving(&tasks, |task: &Task| &task.claimed, run).await);
        }
        Ok(failures)
    }

    /// Opens requests, jobs, keys and plans. A task whose own data cannot be read fails alone.
    async fn open(
        &self,
        group: &[Claimed],
    ) -> Result<(BTreeMap<Sort, Vec<Task>>, Vec<Failure>), FulfilmentError> {
        let requests: Vec<_> = group.iter().map(|claimed| claimed.request).collect();
        let jobs: Vec<JobId> = group.iter().filter_map(|claimed| claimed.job).collect();
        let opened = self.fulfilment.ledger.open_requests(&requests).await?;
        let requests: HashMap<_, _> = opened.into_iter().map(|(id, open)| (id, Arc::new(open))).collect();
        let jobs = self.fulfilment.ledger.jobs_to_run(&jobs).await?;
        let since = self.deferred_since(group).await?;
        let (mut tasks, mut failures) = (BTreeMap::<Sort, Vec<Task>>::new(), Vec::new());
        for claimed in group {
            let request = requests.get(&claimed.request);
            let job = claimed.job.and_then(|job| jobs.get(&job));
            let since = claimed.job.and_then(|job| since.get(&job).copied());
            match self.task(claimed, request, job, since) {
                Ok(task) => tasks.entry((task.right, task.since)).or_default().push(task),
                Err(error) => failures.push(Failure::new(claimed, error)),
            }
        }
        Ok((tasks, failures))
    }

    fn task(
        &self,
        claimed: &Claimed,
        request: Option<&Arc<OpenRequest>>,
        job: Option<&JobToRun>,
        since: Option<DateTime<Utc>>,
    ) -> Result<Task, FulfilmentError> {
        if claimed.store.as_ref() != Some(&self.store) {
            return Err(FulfilmentError::Gone("store"));
        }
        let request = request.ok_or(FulfilmentError::Gone("request"))?;
        let job = job.ok_or(FulfilmentError::Gone("job"))?;
        let detail = PlanDetail::read(job.plan.as_ref().ok_or(FulfilmentError::Gone("plan"))?)?;
        let since = match claimed.kind {
            WorkKind::Deferred => Some(since.unwrap_or(request.received_at)),
            _ => None,
        };
        // The rest of a deletion runs years later, by the manifest of then.
        if job.right.changes_stores() && since.is_none() {
            self.refuse_changed_manifest(&detail)?;
        }
        Ok(Task { claimed: claimed.clone(), request: Arc::clone(request), right: job.right, detail, since })
    }

    /// When the deletions whose rest is due were proven in this store.
    async fn deferred_since(
        &self,
        group: &[Claimed],
    ) -> Result<HashMap<JobId, DateTime<Utc>>, FulfilmentError> {
        let deferred = group.iter().filter(|claimed| claimed.kind == WorkKind::Deferred);
        let jobs: Vec<JobId> = deferred.filter_map(|claimed| claimed.job).collect();
        let mut since = HashMap::new();
        if jobs.is_empty() {
            return Ok(since);
        }
        let reports = self.fulfilment.ledger.task_reports(&jobs).await?;
        for report in reports.iter().filter(|report| report.store == self.store) {
            for collection in TaskDetail::read(report)?.changed() {
                let first = since.entry(report.job).or_insert(collection.proven_at);
                *first = collection.proven_at.min(*first);
            }
        }
        Ok(since)
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

    /// Runs tasks of one sort together, and commits what they did.
    async fn attempt(&self, (right, since): Sort, tasks: &[Task]) -> Result<Vec<Failure>, FulfilmentError> {
        let done = match right {
            Right::Access | Right::Portability => self.copy(right, tasks).await?,
            Right::Deletion => self.delete(tasks, since).await?,
            Right::Correction => self.correct(tasks).await?,
            _ => return Err(FulfilmentError::UnknownStore(self.store.clone())),
        };
        fail::fail_point!("task::before_commit");
        if !done.is_empty() {
            self.fulfilment.ledger.tasks_done(done).await?;
        }
        fail::fail_point!("task::after_commit");
        Ok(Vec::new())
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
pub(crate) fn done(task: &Task, rows: u64, detail: &TaskDetail) -> Result<TaskDone, FulfilmentError> {
    let report = serde_json::to_value(detail).map_err(FulfilmentError::unreadable("a report"))?;
    Ok(TaskDone {
        lease: task.claimed.lease,
        request: task.request.id,
        rows,
        report,
        object: None,
        again_at: None,
        erased: None,
    })
}

#[async_trait]
impl Worker for TaskWorker {
    fn name(&self) -> &'static str {
        "task"
    }

    async fn run(&self, group: Vec<Claimed>) -> Vec<Failure> {
        halving(&group, |one| one, |part| self.run_group(part).boxed()).await
    }
}
