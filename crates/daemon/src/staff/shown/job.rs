//! What is shown of a job, and of any piece of work.

use chrono::{DateTime, Utc};
use habeas_ledger::{JobView, TaskView, WorkView};
use serde::Serialize;

/// A job.
#[derive(Debug, Serialize)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) right: String,
    /// How it ended, once it has; else where it stands.
    pub(crate) status: String,
    pub(crate) policy: String,
    /// What an approval is bound to.
    pub(crate) plan: Option<String>,
    pub(crate) approvals: Vec<Approval>,
    /// Until when the person can still stop it, once the warnings are out.
    pub(crate) grace_until: Option<DateTime<Utc>>,
    /// The legal holds that stand in its way.
    pub(crate) holds: Vec<String>,
    pub(crate) waits_for: Vec<String>,
    pub(crate) tasks: Vec<Task>,
}

/// One person's agreement.
#[derive(Debug, Serialize)]
pub(crate) struct Approval {
    pub(crate) by: String,
    pub(crate) at: DateTime<Utc>,
    pub(crate) counts: bool,
}

impl From<&JobView> for Job {
    fn from(view: &JobView) -> Self {
        let ended = view.outcome.map(habeas_domain::Outcome::as_str);
        Self {
            id: view.id.to_string(),
            right: view.right.to_string(),
            status: ended.unwrap_or_else(|| view.state.as_str()).to_owned(),
            policy: view.policy.as_str().to_owned(),
            plan: view.plan_hash.map(|hash| hash.to_string()),
            grace_until: view.grace_until,
            approvals: view
                .approvals
                .iter()
                .map(|one| Approval { by: one.by.to_string(), at: one.at, counts: one.counts })
                .collect(),
            holds: view.holds.iter().map(ToString::to_string).collect(),
            waits_for: view.waits_for.iter().map(ToString::to_string).collect(),
            tasks: view.tasks.iter().map(Task::from).collect(),
        }
    }
}

/// One job's work in one store.
#[derive(Debug, Serialize)]
pub(crate) struct Task {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) store: String,
    pub(crate) status: String,
    pub(crate) rows: u64,
    pub(crate) attempts: u32,
    pub(crate) due_at: Option<DateTime<Utc>>,
    pub(crate) fault: Option<Fault>,
}

impl From<&TaskView> for Task {
    fn from(view: &TaskView) -> Self {
        Self {
            id: view.id.to_string(),
            kind: view.kind.to_string(),
            store: view.store.to_string(),
            status: view.state.as_str().to_owned(),
            rows: view.rows.unwrap_or(0),
            attempts: view.attempts,
            due_at: view.due_at,
            fault: view.fault.as_ref().map(Fault::from),
        }
    }
}

/// A piece of work.
#[derive(Debug, Serialize)]
pub(crate) struct Work {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) request: String,
    pub(crate) store: Option<String>,
    pub(crate) status: String,
    pub(crate) attempts: u32,
    pub(crate) due_at: Option<DateTime<Utc>>,
    pub(crate) fault: Option<Fault>,
    pub(crate) created_at: DateTime<Utc>,
}

impl From<&WorkView> for Work {
    fn from(view: &WorkView) -> Self {
        Self {
            id: view.id.to_string(),
            kind: view.kind.to_string(),
            request: view.request.to_string(),
            store: view.store.as_ref().map(ToString::to_string),
            status: view.state.as_str().to_owned(),
            attempts: view.attempts,
            due_at: view.due_at,
            fault: view.fault.as_ref().map(Fault::from),
            created_at: view.created_at,
        }
    }
}

/// Why it failed last.
#[derive(Debug, Serialize)]
pub(crate) struct Fault {
    pub(crate) code: String,
    pub(crate) detail: String,
}

impl From<&habeas_ledger::FaultView> for Fault {
    fn from(view: &habeas_ledger::FaultView) -> Self {
        Self { code: view.code.clone(), detail: view.detail.clone() }
    }
}
