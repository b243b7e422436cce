//! The one error of every state machine here.

/// An event that the present state does not allow. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{machine} is {state}: {event} is not possible now")]
pub struct IllegalTransition {
    /// `request`, `job` or `work`.
    pub machine: &'static str,
    /// The state it is in.
    pub state: &'static str,
    /// The event that was refused.
    pub event: &'static str,
}
