//! Work: anything that is queued, leased, retried and parked. A task, the work of one job in one store, is
//! one kind of it; finding keys, concluding a job and sending a mail are others. All share one machinery.

use serde::{Deserialize, Serialize};

use crate::{IllegalTransition, request::UnknownState, words};

/// The kinds of work. Each has its own queue; tasks have one queue per store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WorkKind {
    /// Make a link and a code, and have them mailed.
    Challenge,
    /// Find all of the person's keys, and plan the jobs.
    Resolve,
    /// One job's work in one store.
    Task,
    /// The rest of a deletion in one store, put off until a keep rule ends.
    Deferred,
    /// Make the package or the receipt of a job, and have it mailed.
    Conclude,
    /// Hand one mail to the mail server.
    Mail,
    /// Look up in the stores what a person says that they are known by, or whether they hold a guardian's address.
    LookUp,
}

words!(WorkKind, or UnknownState:
    Challenge = "challenge", Resolve = "resolve", Task = "task", Deferred = "deferred", Conclude = "conclude",
    Mail = "mail", LookUp = "look-up",
);

/// Where a piece of work stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WorkState {
    /// Due now or at its next attempt.
    Waiting,
    /// Leased to a worker.
    Running,
    /// Finished.
    Done,
    /// Failed for good or too often; waits for ops.
    Parked,
    /// A legal hold stands in its way; waits for it to be lifted.
    Held,
    /// Its job ended without it.
    Cancelled,
}

words!(WorkState, or UnknownState:
    Waiting = "waiting", Running = "running", Done = "done", Parked = "parked", Held = "held",
    Cancelled = "cancelled",
);

/// What can happen to a piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WorkEvent {
    /// A worker took a lease. Also from running: a lease that ran out may be taken over.
    Claimed,
    /// Its effects are committed.
    Finished,
    /// It failed and is to be tried again, or was handed back by a shutdown.
    PutBack,
    /// It failed for good.
    Parked,
    /// Ops put it back.
    Requeued,
    /// A legal hold came in its way before it began.
    Held,
    /// The hold was lifted.
    HoldLifted,
    /// Its job ended without it.
    Cancelled,
}

impl WorkEvent {
    const fn name(self) -> &'static str {
        match self {
            Self::Claimed => "claiming",
            Self::Finished => "finishing",
            Self::PutBack => "putting back",
            Self::Parked => "parking",
            Self::Requeued => "requeueing",
            Self::Held => "holding",
            Self::HoldLifted => "lifting the hold",
            Self::Cancelled => "cancelling",
        }
    }
}

impl WorkState {
    /// The state after `event`, or an error that changes nothing.
    pub const fn after(self, event: WorkEvent) -> Result<Self, IllegalTransition> {
        use {WorkEvent as E, WorkState as S};
        match (self, event) {
            (S::Waiting | S::Running, E::Claimed) => Ok(S::Running),
            (S::Running, E::Finished) => Ok(S::Done),
            (S::Running, E::PutBack) | (S::Parked, E::Requeued) | (S::Held, E::HoldLifted) => Ok(S::Waiting),
            (S::Running, E::Parked) => Ok(S::Parked),
            (S::Waiting | S::Running | S::Parked, E::Held) => Ok(S::Held),
            (S::Waiting | S::Running | S::Parked | S::Held, E::Cancelled) => Ok(S::Cancelled),
            _ => Err(IllegalTransition { machine: "work", state: self.as_str(), event: event.name() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn held_work_is_claimed_and_requeued_by_nobody() {
        for event in [WorkEvent::Claimed, WorkEvent::Finished, WorkEvent::PutBack, WorkEvent::Requeued] {
            assert!(WorkState::Held.after(event).is_err(), "{event:?}");
        }
        assert_eq!(WorkState::Held.after(WorkEvent::HoldLifted), Ok(WorkState::Waiting));
    }

    #[test]
    fn finished_and_cancelled_work_never_moves() {
        for state in [WorkState::Done, WorkState::Cancelled] {
            for event in [
                WorkEvent::Claimed,
                WorkEvent::Finished,
                WorkEvent::PutBack,
                WorkEvent::Parked,
                WorkEvent::Requeued,
                WorkEvent::Held,
                WorkEvent::HoldLifted,
                WorkEvent::Cancelled,
            ] {
                assert!(state.after(event).is_err(), "{state} after {event:?}");
            }
        }
    }
}
