use habeas_domain::RequestState;

use crate::Purpose;

/// Where a challenge stands for somebody who comes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It can be used.
    Open,
    /// What it proves is proven.
    Used,
    /// It ended, or there is nothing left to prove.
    Ended,
}

impl Purpose {
    /// Where a challenge of this purpose stands while its request is in `state`; `open` says that it is unused and in
    /// time. An identity is proven once for a request, by whichever of its links and codes comes first. In a closed
    /// request nothing is left to prove, though its packages can be fetched.
    pub fn standing(self, state: RequestState, open: bool) -> Standing {
        match self {
            // None of these proves who the person is: see `Ledger::dispute`, `hand_in_paper`, `prove_agent` and `end_agent`;
            // and nothing is confirmed by naming something.
            Self::Another | Self::Stop | Self::Paper | Self::Agent | Self::AgentEnd => Standing::Ended,
            Self::Identity | Self::NewAddress | Self::Phone | Self::OnFile | Self::Guardian
                if state == RequestState::Closed =>
            {
                Standing::Ended
            }
            Self::Identity | Self::Phone | Self::OnFile | Self::Guardian
                if state != RequestState::AwaitingVerification =>
            {
                Standing::Used
            }
            _ if open => Standing::Open,
            _ => Standing::Ended,
        }
    }
}
