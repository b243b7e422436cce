//! The states of a request, and the only ways between them.

use serde::{Deserialize, Serialize};

use crate::{IllegalTransition, words};

/// Where a request stands, named by what it waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestState {
    /// Waits for the person to prove who they are.
    AwaitingVerification,
    /// Waits for the resolve worker to find the person's keys.
    Resolving,
    /// Waits for staff to look at keys that contradict each other or pass a ceiling.
    AwaitingReview,
    /// Waits for its jobs.
    InProgress,
    /// Waits for nothing.
    Closed,
}

words!(RequestState, or UnknownState:
    AwaitingVerification = "awaiting-verification", Resolving = "resolving",
    AwaitingReview = "awaiting-review", InProgress = "in-progress", Closed = "closed",
);

/// What can happen to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestEvent {
    /// The person proved who they are.
    IdentityProven,
    /// The keys were found and contradict nothing.
    KeysResolved,
    /// The keys contradict each other, or there are too many.
    ReviewNeeded,
    /// Staff looked, and the keys are to be resolved again with their decision.
    ReviewCleared,
    /// The last job ended; also after a refusal, a withdrawal or a lapse, which end the jobs first.
    AllJobsEnded,
}

impl RequestEvent {
    const fn name(self) -> &'static str {
        match self {
            Self::IdentityProven => "proving identity",
            Self::KeysResolved => "finishing the resolve",
            Self::ReviewNeeded => "asking for a review",
            Self::ReviewCleared => "clearing the review",
            Self::AllJobsEnded => "closing",
        }
    }
}

impl RequestState {
    /// The state after `event`, or an error that changes nothing.
    pub const fn after(self, event: RequestEvent) -> Result<Self, IllegalTransition> {
        use {RequestEvent as E, RequestState as S};
        match (self, event) {
            (S::AwaitingVerification, E::IdentityProven) | (S::AwaitingReview, E::ReviewCleared) => {
                Ok(S::Resolving)
            }
            (S::Resolving, E::KeysResolved) => Ok(S::InProgress),
            (S::Resolving, E::ReviewNeeded) => Ok(S::AwaitingReview),
            (S::AwaitingVerification | S::Resolving | S::AwaitingReview | S::InProgress, E::AllJobsEnded) => {
                Ok(S::Closed)
            }
            _ => Err(IllegalTransition { machine: "request", state: self.as_str(), event: event.name() }),
        }
    }
}

/// A text that names no state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown state")]
pub struct UnknownState;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_request_stays_closed() {
        for event in [
            RequestEvent::IdentityProven,
            RequestEvent::KeysResolved,
            RequestEvent::ReviewNeeded,
            RequestEvent::ReviewCleared,
            RequestEvent::AllJobsEnded,
        ] {
            assert!(RequestState::Closed.after(event).is_err());
        }
    }

    #[test]
    fn names_parse_back() {
        for state in RequestState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
    }
}
