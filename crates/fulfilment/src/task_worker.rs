use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use futures::FutureExt;
use habeas_connector_api::Owner;
use habeas_domain::{JobId, Right, StoreName, WorkKind};
use habeas_ledger::{Claimed, JobToRun, Lease, OpenRequest, TaskDone};
use habeas_runtime::{Failure, Worker};

use crate::{
    Fulfilment, FulfilmentError, KeyBook, PlanDetail, StoreHandle, TaskDetail, halving::halving, rest::Rest,
};

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
    /// For the deferred rest of a deletion: what is left of it.
    pub(crate) rest: Option<Rest>,
}

/// What tasks of a group did. Those that failed are told apart from the others, which are done.
#[derive(Default)]
pub(crate) struct Done {
    pub(crate) done: Vec<TaskDone>,
    pub(crate) failures: Vec<Failure>,
}

/// Tasks that have so much in common that they run together.
type Alike = Vec<Task>;

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
        for tasks in tasks {
            let run = |part| self.attempt(part).boxed();
            failures.extend(halving(&tasks, |task: &Task| &task.claimed, run).await);
        }
        Ok(failures)
    }

    /// Opens requests, jobs, keys and plans. A task whose own data cannot be read fails alone.
    async fn open(&self, group: &[Claimed]) -> Result<(Vec<Alike>, Vec<Failure>), FulfilmentError> {
        let requests: Vec<_> = group.iter().map(|claimed| claimed.request).collect();
        let jobs: Vec<JobId> = group.iter().filter_map(|claimed| claimed.job).collect();
        let opened = self.fulfilment.ledger.open_requests(&requests).await?;
        let requests: HashMap<_, _> = opened.into_iter().map(|(id, open)| (id, Arc::new(open))).collect();
        let jobs = self.fulfilment.ledger.jobs_to_run(&jobs).await?;
        let rests = self.rests(group).await?;
        let (mut tasks, mut failures) = (Vec::<Alike>::new(), Vec::new());
        for claimed in group {
            let request = requests.get(&claimed.request);
            let job = claimed.job.and_then(|job| jobs.get(&job));
            let rest = claimed.job.and_then(|job| rests.get(&job));
            match self.task(claimed, request, job, rest) {
                Ok(task) => sort_in(&mut tasks, task),
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
        rest: Option<&Rest>,
    ) -> Result<Task, FulfilmentError> {
        if claimed.store.as_ref() != Some(&self.store) {
            return Err(FulfilmentError::Gone("store"));
        }
        let request = request.ok_or(FulfilmentError::Gone("request"))?;
        let job = job.ok_or(FulfilmentError::Gone("job"))?;
        let detail = PlanDetail::read(job.plan.as_ref().ok_or(FulfilmentError::Gone("plan"))?)?;
        let rest = match claimed.kind {
            WorkKind::Deferred => Some(rest.ok_or(FulfilmentError::Gone("report"))?.clone()),
            _ => None,
        };
        // The rest of a deletion runs years later, by the manifest of then.
        if job.right.changes_stores() && rest.is_none() {
            self.refuse_changed_manifest(&detail)?;
        }
        Ok(Task { claimed: claimed.clone(), request: Arc::clone(request), right: job.right, detail, rest })
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
    async fn attempt(&self, tasks: &[Task]) -> Result<Vec<Failure>, FulfilmentError> {
        let Some(Task { right, rest, .. }) = tasks.first() else { return Ok(Vec::new()) };
        let Done { done, failures } = match right {
            Right::Access | Right::Portability => {
                Done { done: self.copy(*right, tasks).await?, failures: Vec::new() }
            }
            Right::Deletion => self.delete(tasks, rest.as_ref()).await?,
            Right::Correction => self.correct(tasks).await?,
            _ => return Err(FulfilmentError::UnknownStore(self.store.clone())),
        };
        fail::fail_point!("task::before_commit");
        if !done.is_empty() {
            self.fulfilment.ledger.tasks_done(done).await?;
        }
        fail::fail_point!("task::after_commit");
        Ok(failures)
    }

    /// Marks tasks as changing their store from now on. Those whose lease or job is gone are left out, for good.
    pub(crate) async fn enter<'a>(
        &self,
        tasks: impl IntoIterator<Item = &'a Task>,
    ) -> Result<Vec<&'a Task>, FulfilmentError> {
        let mut tasks: Vec<&Task> = tasks.into_iter().collect();
        let leases: Vec<Lease> = tasks.iter().map(|task| task.claimed.lease).collect();
        let held = self.fulfilment.ledger.enter(&leases).await?;
        fail::fail_point!("task::entered");
        tasks.retain(|task| held.contains(&task.claimed.lease));
        Ok(tasks)
    }
}

fn sort_in(tasks: &mut Vec<Alike>, task: Task) {
    let alike = |one: &Task| one.right == task.right && one.rest == task.rest;
    match tasks.iter_mut().find(|tasks| tasks.first().is_some_and(alike)) {
        Some(tasks) => tasks.push(task),
        None => tasks.push(vec![task]),
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
        contacts: Vec::new(),
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
