use chrono::{DateTime, Utc};
use habeas_domain::{
    HoldId, JobId, JobState, Outcome, Right, StoreName, WorkId, WorkKind, WorkState, approval::ApprovalPolicy,
};
use habeas_ledger::{ApprovalView, JobView, TaskView, WaitsFor};
use serde::Serialize;
use utoipa::ToSchema;

use super::work::FaultJson;
use crate::schemas;

/// One right being fulfilled.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Job)]
pub(crate) struct JobJson {
    /// Its id.
    #[schema(schema_with = schemas::id)]
    id: JobId,
    /// Which right.
    #[schema(schema_with = schemas::right)]
    right: Right,
    /// Where it stands.
    #[schema(schema_with = schemas::job_state)]
    state: JobState,
    /// How it ended, once it has.
    #[schema(schema_with = schemas::maybe_outcome)]
    outcome: Option<Outcome>,
    /// Who must agree.
    #[schema(schema_with = schemas::policy)]
    policy: ApprovalPolicy,
    /// What an approval is bound to, once there is a plan.
    #[schema(schema_with = schemas::maybe_sha256)]
    plan: Option<String>,
    /// Who agreed, to whichever plan.
    approvals: Vec<ApprovalJson>,
    /// How many new addresses the person has yet to confirm.
    unconfirmed: u32,
    /// When the warnings before it were ordered.
    noticed_at: Option<DateTime<Utc>>,
    /// Until when the person can still stop it, once the warnings are out.
    grace_until: Option<DateTime<Utc>>,
    /// When its tasks were first queued.
    started_at: Option<DateTime<Utc>>,
    /// When it ended.
    ended_at: Option<DateTime<Utc>>,
    /// The legal holds that stand in its way.
    #[schema(schema_with = schemas::ids)]
    holds: Vec<HoldId>,
    /// Whom or what it waits for.
    #[schema(schema_with = schemas::waits_for)]
    waits_for: Vec<WaitsFor>,
    /// Its work, store by store.
    tasks: Vec<TaskJson>,
}

impl From<JobView> for JobJson {
    fn from(view: JobView) -> Self {
        Self {
            id: view.id,
            right: view.right,
            state: view.state,
            outcome: view.outcome,
            policy: view.policy,
            plan: view.plan_hash.map(|hash| hash.to_string()),
            approvals: view.approvals.into_iter().map(Into::into).collect(),
            unconfirmed: view.unconfirmed,
            noticed_at: view.noticed_at,
            grace_until: view.grace_until,
            started_at: view.started_at,
            ended_at: view.ended_at,
            holds: view.holds,
            waits_for: view.waits_for,
            tasks: view.tasks.into_iter().map(Into::into).collect(),
        }
    }
}

/// One person's agreement.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Approval)]
pub(crate) struct ApprovalJson {
    /// Who.
    #[schema(schema_with = schemas::actor)]
    by: String,
    /// When.
    at: DateTime<Utc>,
    /// Whether it is about the plan as it is now.
    counts: bool,
}

impl From<ApprovalView> for ApprovalJson {
    fn from(view: ApprovalView) -> Self {
        Self { by: view.by.to_string(), at: view.at, counts: view.counts }
    }
}

/// One job's work in one store.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Task)]
pub(crate) struct TaskJson {
    /// Its id, to requeue by.
    #[schema(schema_with = schemas::id)]
    id: WorkId,
    /// A task, or the deferred rest of a deletion.
    #[schema(schema_with = schemas::work_kind)]
    kind: WorkKind,
    /// In which store.
    #[schema(schema_with = schemas::store)]
    store: StoreName,
    /// Where it stands.
    #[schema(schema_with = schemas::work_state)]
    state: WorkState,
    /// How many rows it copied, deleted or changed, once done.
    rows: Option<u64>,
    /// How often it has been tried.
    attempts: u32,
    /// Why it failed last, unless it succeeded since.
    fault: Option<FaultJson>,
    /// When it is due or is tried again.
    due_at: Option<DateTime<Utc>>,
    /// When it finished.
    finished_at: Option<DateTime<Utc>>,
}

impl From<TaskView> for TaskJson {
    fn from(view: TaskView) -> Self {
        Self {
            id: view.id,
            kind: view.kind,
            store: view.store,
            state: view.state,
            rows: view.rows,
            attempts: view.attempts,
            fault: view.fault.map(Into::into),
            due_at: view.due_at,
            finished_at: view.finished_at,
        }
    }
}
