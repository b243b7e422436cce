use chrono::{DateTime, Utc};
use habeas_domain::{JobId, RequestId, StoreName, WorkId, WorkKind, WorkState};
use habeas_ledger::{FaultView, ParkedFault, WorkView};
use serde::Serialize;
use utoipa::ToSchema;

use crate::schemas;

/// Why a piece of work failed. Holds no personal data.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Fault)]
pub(crate) struct FaultJson {
    /// A short stable word, to requeue by.
    #[schema(example = "store-unavailable")]
    code: String,
    /// What happened and what to do.
    detail: String,
}

impl From<FaultView> for FaultJson {
    fn from(view: FaultView) -> Self {
        Self { code: view.code, detail: view.detail }
    }
}

/// A piece of work: anything that is queued, leased and retried.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Work)]
pub(crate) struct WorkJson {
    /// Its id.
    #[schema(schema_with = schemas::id)]
    id: WorkId,
    /// What kind of work.
    #[schema(schema_with = schemas::work_kind)]
    kind: WorkKind,
    /// For which request.
    #[schema(schema_with = schemas::id)]
    request: RequestId,
    /// For which job, if for one.
    #[schema(schema_with = schemas::maybe_id)]
    job: Option<JobId>,
    /// In which store, for tasks.
    #[schema(schema_with = schemas::maybe_store)]
    store: Option<StoreName>,
    /// Where it stands.
    #[schema(schema_with = schemas::work_state)]
    state: WorkState,
    /// How often it has been tried.
    attempts: u32,
    /// When it is due or is tried again.
    due_at: Option<DateTime<Utc>>,
    /// Until when it is leased, while it runs.
    lease_until: Option<DateTime<Utc>>,
    /// Why it failed last, unless it succeeded since.
    fault: Option<FaultJson>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it was finished or cancelled.
    finished_at: Option<DateTime<Utc>>,
}

impl From<WorkView> for WorkJson {
    fn from(view: WorkView) -> Self {
        Self {
            id: view.id,
            kind: view.kind,
            request: view.request,
            job: view.job,
            store: view.store,
            state: view.state,
            attempts: view.attempts,
            due_at: view.due_at,
            lease_until: view.lease_until,
            fault: view.fault.map(Into::into),
            created_at: view.created_at,
            finished_at: view.finished_at,
        }
    }
}

/// Parked work with one fault.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Parked)]
pub(crate) struct ParkedJson {
    /// The code of the fault, to requeue by.
    #[schema(example = "store-unavailable")]
    code: String,
    /// What kind of work.
    #[schema(schema_with = schemas::work_kind)]
    kind: WorkKind,
    /// In which store, for tasks.
    #[schema(schema_with = schemas::maybe_store)]
    store: Option<StoreName>,
    /// How many pieces.
    count: u64,
    /// For how many seconds the oldest of them has been due.
    oldest_seconds: u64,
}

impl From<ParkedFault> for ParkedJson {
    fn from(parked: ParkedFault) -> Self {
        Self {
            code: parked.code,
            kind: parked.kind,
            store: parked.store,
            count: parked.count,
            oldest_seconds: parked.oldest.as_secs(),
        }
    }
}
