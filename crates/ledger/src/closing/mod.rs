//! Closed stores: no work begins in them, and nobody is resolved, until ops reopen them.
//!
//! A store is closed while it is restored from a backup. The backup may hold people who were erased since it was made, so
//! that a store is reopened once they were erased again ([`crate::erasure`]), or when an admin says why not.

mod close;
mod open;
mod past;
mod progress;
mod reopen;
mod row;
mod run;
mod view;

pub use close::StoreClosed;
pub(crate) use open::store_is_open;
pub use past::{PastClosing, Reopened};
pub(crate) use progress::is_under_way;
pub use progress::{RUN_LEASE, RunState, RunView};
pub use run::{ReErased, ReErasing};
pub use view::ClosingView;

use chrono::{DateTime, Utc};
use habeas_domain::{ClosingId, RequestId, TypedId};

/// Why a store can be neither closed nor reopened nor re-erased in as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClosingRefused {
    /// It is closed already.
    #[error("the store is closed already; see `habeas store closed`")]
    Closed,
    /// It is open.
    #[error("the store is open; close it first")]
    Open,
    /// Work that had begun when it was closed is not done yet.
    #[error("{0} pieces of work that had begun are still in the store; wait until they have ended")]
    Working(u64),
    /// The moment of the backup lies after the closing: nobody who was erased would be found.
    #[error(
        "`restored_to` is later than the closing of the store at {0}; give the moment that the backup shows, or an earlier one if in doubt"
    )]
    RestoredLater(DateTime<Utc>),
    /// A run of re-erasing is under way.
    #[error("a re-erasing is under way since {0}; wait until it has ended: `habeas store closed`")]
    UnderWay(DateTime<Utc>),
    /// No re-erasing has ended since it was closed, or it left something.
    #[error(
        "not everybody who was erased is erased again; end `habeas store re-erase` with nothing left, or have an admin reopen it with a reason"
    )]
    NotReErased,
}

impl ClosingRefused {
    /// A short stable word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Closed => "store-closed",
            Self::Open => "store-open",
            Self::Working(_) => "store-working",
            Self::RestoredLater(_) => "restored-later",
            Self::UnderWay(_) => "re-erasing-under-way",
            Self::NotReErased => "store-not-re-erased",
        }
    }
}

/// The chain of a closing in the audit trail. It stands beside those of requests, and is checked and signed with them.
pub(crate) fn chain(closing: ClosingId) -> RequestId {
    RequestId::from_uuid(closing.uuid())
}
