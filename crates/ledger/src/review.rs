//! Why staff are to look at a request: the words that they read, and what brought them about, so that whatever ends it takes
//! its own words back and nobody else's.

use crate::entity::request;

/// What stopped a request for staff, or is to be looked at on one that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ReviewCause {
    /// What the stores hold: keys that contradict each other, or too many of something.
    Keys,
    /// Whoever holds what is on file says that the request is not theirs.
    Denied,
    /// Another request of the same person was objected to.
    Sibling,
    /// Its agent was barred.
    AgentBarred,
    /// A mandate document of its agent does not count.
    MandateRefused,
}

impl ReviewCause {
    /// The name used in columns.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Keys => "keys",
            Self::Denied => "denied",
            Self::Sibling => "sibling",
            Self::AgentBarred => "agent-barred",
            Self::MandateRefused => "mandate-refused",
        }
    }
}

impl request::Model {
    /// Has staff read this, whatever they were to read before.
    pub(crate) fn ask_review(&mut self, cause: ReviewCause, words: String) {
        self.review_reason = Some(words);
        self.review_cause = Some(cause.as_str().to_owned());
    }

    /// Has staff read this, unless there is something to read already: what came first is looked at first.
    pub(crate) fn ask_review_too(&mut self, cause: ReviewCause, words: impl FnOnce() -> String) {
        if self.review_reason.is_none() {
            self.ask_review(cause, words());
        }
    }

    /// Takes back what staff were to read because of this; what something else brought about stays.
    pub(crate) fn end_review(&mut self, cause: ReviewCause) {
        if self.review_cause.as_deref() == Some(cause.as_str()) {
            self.review_reason = None;
            self.review_cause = None;
        }
    }
}
