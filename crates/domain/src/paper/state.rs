use serde::{Deserialize, Serialize};

use crate::{IllegalTransition, request::UnknownState, words};

/// Where a paper stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaperState {
    /// Staff asked for it, and whoever was asked has not given it.
    Asked,
    /// It is there, sealed, and waits for staff.
    Given,
    /// Enough people accepted it. Its bytes are gone.
    Accepted,
    /// Somebody refused it. Its bytes are gone.
    Refused,
    /// It was not given in time, or nobody decided in time, or the decision is not needed any more. Its bytes are gone.
    Lapsed,
}

words!(PaperState, or UnknownState:
    Asked = "asked", Given = "given", Accepted = "accepted", Refused = "refused", Lapsed = "lapsed",
);

/// What can happen to a paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PaperEvent {
    /// Whoever was asked handed it in.
    Given,
    /// As many people as the policy wants accepted it.
    Accepted,
    /// One of them refused it.
    Refused,
    /// Its time is over, or its request needs it no more.
    Lapsed,
}

impl PaperEvent {
    const fn name(self) -> &'static str {
        match self {
            Self::Given => "handing in",
            Self::Accepted => "accepting",
            Self::Refused => "refusing",
            Self::Lapsed => "lapsing",
        }
    }
}

impl PaperState {
    /// The state after `event`, or an error that changes nothing.
    pub const fn after(self, event: PaperEvent) -> Result<Self, IllegalTransition> {
        use {PaperEvent as E, PaperState as S};
        match (self, event) {
            (S::Asked, E::Given) => Ok(S::Given),
            (S::Given, E::Accepted) => Ok(S::Accepted),
            (S::Given, E::Refused) => Ok(S::Refused),
            (S::Asked | S::Given, E::Lapsed) => Ok(S::Lapsed),
            _ => Err(IllegalTransition { machine: "paper", state: self.as_str(), event: event.name() }),
        }
    }

    /// Whether something still waits for it.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Asked | Self::Given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENTS: [PaperEvent; 4] =
        [PaperEvent::Given, PaperEvent::Accepted, PaperEvent::Refused, PaperEvent::Lapsed];

    #[test]
    fn a_decision_is_final_and_takes_a_paper_that_is_there() {
        for state in PaperState::ALL.into_iter().filter(|state| !state.is_open()) {
            assert!(EVENTS.into_iter().all(|event| state.after(event).is_err()), "{state}");
        }
        assert!(PaperState::Asked.after(PaperEvent::Accepted).is_err());
        assert!(PaperState::Given.after(PaperEvent::Given).is_err(), "handed in once");
    }

    #[test]
    fn names_parse_back() {
        for state in PaperState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
    }
}
