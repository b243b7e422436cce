use std::fmt::Display;

use chrono::{DateTime, Utc};
use habeas_domain::{JobId, RequestId, StoreName, TypedId, WorkId, WorkKind, WorkState};

use crate::{LedgerError, clock, corrupt::parse, entity::work};

/// A piece of work as ops see it.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkView {
    /// Its id.
    pub id: WorkId,
    /// What kind of work.
    pub kind: WorkKind,
    /// For which request.
    pub request: RequestId,
    /// For which job, if for one.
    pub job: Option<JobId>,
    /// In which store, for tasks.
    pub store: Option<StoreName>,
    /// Where it stands.
    pub state: WorkState,
    /// How often it has been claimed and neither finished nor handed back.
    pub attempts: u32,
    /// When it is due or is tried again, if that is later than its making. By the database's clock.
    pub due_at: Option<DateTime<Utc>>,
    /// Until when it is leased, while it runs. By the database's clock.
    pub lease_until: Option<DateTime<Utc>>,
    /// Why it failed last, unless it succeeded since.
    pub fault: Option<FaultView>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was finished or cancelled.
    pub finished_at: Option<DateTime<Utc>>,
}

/// Why a piece of work failed. Holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultView {
    /// A short stable word.
    pub code: String,
    /// What happened and what to do.
    pub detail: String,
}

impl FaultView {
    pub(crate) fn read(row: &work::Model) -> Option<Self> {
        let code = row.fault_code.clone()?;
        Some(Self { code, detail: row.fault_detail.clone().unwrap_or_default() })
    }
}

impl WorkView {
    pub(crate) fn read(row: &work::Model) -> Result<Self, LedgerError> {
        Ok(Self {
            id: WorkId::from_uuid(row.id),
            kind: parse(&row.kind, "work", "kind", row.id)?,
            request: RequestId::from_uuid(row.request_id),
            job: row.job_id.map(JobId::from_uuid),
            store: store(&row.store, row.id)?,
            state: parse(&row.state, "work", "state", row.id)?,
            attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            due_at: (row.next_attempt_at > 0).then(|| clock::moment(row.next_attempt_at)),
            lease_until: row.lease_until.map(clock::moment),
            fault: FaultView::read(row),
            created_at: clock::moment(row.created_at),
            finished_at: row.finished_at.map(clock::moment),
        })
    }
}

/// The store of a piece of work; nothing for work that belongs to none.
pub(crate) fn store(column: &str, row: impl Display + Copy) -> Result<Option<StoreName>, LedgerError> {
    match column {
        "" => Ok(None),
        name => parse(name, "work", "store", row).map(Some),
    }
}
