use chrono::{DateTime, Utc};
use habeas_domain::{
    Actor, HoldId, JobId, JobState, Outcome, Right, StoreName, WorkId, WorkKind, WorkState,
    approval::{ApprovalPolicy, PlanHash},
};

use crate::{FaultView, WaitsFor};

/// A job with its approvals and tasks.
#[derive(Debug, Clone, PartialEq)]
pub struct JobView {
    /// Its id.
    pub id: JobId,
    /// Which right.
    pub right: Right,
    /// Where it stands.
    pub state: JobState,
    /// How it ended, once it has.
    pub outcome: Option<Outcome>,
    /// Who must agree.
    pub policy: ApprovalPolicy,
    /// What an approval is bound to, once there is a plan.
    pub plan_hash: Option<PlanHash>,
    /// Who agreed, to whichever plan.
    pub approvals: Vec<ApprovalView>,
    /// How many new addresses the person has yet to confirm.
    pub unconfirmed: u32,
    /// When the warnings before it were ordered.
    pub noticed_at: Option<DateTime<Utc>>,
    /// Until when the person can still stop it, once the warnings are out.
    pub grace_until: Option<DateTime<Utc>>,
    /// When its tasks were first queued.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// The legal holds that stand in its way.
    pub holds: Vec<HoldId>,
    /// When a hold came in its way last.
    pub held_at: Option<DateTime<Utc>>,
    /// Whom or what it waits for; empty when it has ended.
    pub waits_for: Vec<WaitsFor>,
    /// Its tasks, by store; deferred deletions among them.
    pub tasks: Vec<TaskView>,
}

/// One person's agreement.
#[derive(Debug, Clone, PartialEq)]
pub struct ApprovalView {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether it is about the plan as it is now.
    pub counts: bool,
}

/// One job's work in one store.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskView {
    /// Its id.
    pub id: WorkId,
    /// A task, or the deferred rest of a deletion.
    pub kind: WorkKind,
    /// In which store.
    pub store: StoreName,
    /// Where it stands.
    pub state: WorkState,
    /// How many rows it copied, deleted or changed, once done.
    pub rows: Option<u64>,
    /// How often it has been claimed and neither finished nor handed back.
    pub attempts: u32,
    /// Why it failed last, unless it succeeded since.
    pub fault: Option<FaultView>,
    /// When it is due or is tried again, if that is later than its making.
    pub due_at: Option<DateTime<Utc>>,
    /// When it finished.
    pub finished_at: Option<DateTime<Utc>>,
}
