//! [`StoreError`]: what failed, and whether trying again helps.

use std::{error::Error, time::Duration};

use habeas_domain::{Fault, Retry};

/// A cause, already stripped of values.
pub type BoxError = Box<dyn Error + Send + Sync + 'static>;

/// The stable words that group equal failures for ops.
pub mod code {
    /// The store does not answer, or the connection broke.
    pub const UNAVAILABLE: &str = "store-unavailable";
    /// It did not answer in time. What it was asked to do may have been done.
    pub const TIMEOUT: &str = "store-timeout";
    /// Another transaction was in the way.
    pub const CONFLICT: &str = "store-conflict";
    /// It asked for a pause.
    pub const BUSY: &str = "store-busy";
    /// A constraint of the store forbids the change.
    pub const CONSTRAINT: &str = "store-constraint";
    /// There is no such collection.
    pub const UNKNOWN_COLLECTION: &str = "store-unknown-collection";
    /// There is no such field.
    pub const UNKNOWN_FIELD: &str = "store-unknown-field";
    /// It refuses this user, or this operation for this user.
    pub const DENIED: &str = "store-access-denied";
    /// It did not understand the statement.
    pub const STATEMENT: &str = "store-statement";
    /// It gave a value that cannot be read.
    pub const UNREADABLE: &str = "store-unreadable";
    /// It cannot do what was asked for.
    pub const UNSUPPORTED: &str = "store-unsupported";
    /// The effect cannot be done on that field.
    pub const EFFECT: &str = "effect-impossible";
    /// Its address or options are wrong.
    pub const OPTIONS: &str = "store-options";
    /// It was closed.
    pub const CLOSED: &str = "store-closed";
    /// It failed in a way that has no other word.
    pub const OTHER: &str = "store-failed";
}

/// What every failure carries.
#[derive(Debug, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Failure {
    code: &'static str,
    detail: String,
    #[source]
    source: Option<BoxError>,
}

/// A failure of a store. Its texts name collections, fields and the driver's own codes, never values: what a
/// driver says is stripped by the connector, because databases quote the offending row.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It will fail the same way again.
    #[error(transparent)]
    Permanent(Failure),
    /// It may pass.
    #[error(transparent)]
    Temporary(Failure),
    /// The store asked for a pause.
    #[error("{failure}")]
    Throttled {
        /// What happened.
        #[source]
        failure: Failure,
        /// How long to stay away.
        after: Duration,
    },
}

impl StoreError {
    /// A failure that no retry mends.
    pub fn permanent(code: &'static str, detail: impl Into<String>) -> Self {
        Self::Permanent(Failure { code, detail: detail.into(), source: None })
    }

    /// A failure that may pass.
    pub fn temporary(code: &'static str, detail: impl Into<String>) -> Self {
        Self::Temporary(Failure { code, detail: detail.into(), source: None })
    }

    /// The store asked for a pause.
    pub fn throttled(code: &'static str, detail: impl Into<String>, after: Duration) -> Self {
        Self::Throttled { failure: Failure { code, detail: detail.into(), source: None }, after }
    }

    /// Adds the cause. It must hold no values of people's data.
    #[must_use]
    pub fn because(mut self, source: impl Into<BoxError>) -> Self {
        match &mut self {
            Self::Permanent(failure) | Self::Temporary(failure) | Self::Throttled { failure, .. } => {
                failure.source = Some(source.into());
            }
        }
        self
    }

    /// The word that groups equal failures, from [`code`].
    pub const fn code(&self) -> &'static str {
        self.failure().code
    }

    /// Whether trying again helps.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Permanent(_) => Retry::Never,
            Self::Temporary(_) => Retry::Later,
            Self::Throttled { after, .. } => Retry::After(*after),
        }
    }

    /// The failure as it is stored with a task and shown to ops, its causes included.
    pub fn to_fault(&self) -> Fault {
        let failure = self.failure();
        let mut detail = failure.detail.clone();
        let mut cause = failure.source();
        while let Some(source) = cause {
            detail.push_str(": ");
            detail.push_str(&source.to_string());
            cause = source.source();
        }
        Fault { code: failure.code.to_owned(), detail, retry: self.retry() }
    }

    const fn failure(&self) -> &Failure {
        match self {
            Self::Permanent(failure) | Self::Temporary(failure) | Self::Throttled { failure, .. } => failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_tells_the_causes_and_the_retry() {
        let error = StoreError::temporary(code::UNAVAILABLE, "no answer").because("connection reset");
        assert_eq!(error.to_fault(), Fault::temporary(code::UNAVAILABLE, "no answer: connection reset"));
        assert_eq!(error.to_string(), "store-unavailable: no answer");
        assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("connection reset"));
    }

    #[test]
    fn a_pause_is_passed_on() {
        let error = StoreError::throttled(code::BUSY, "too many connections", Duration::from_secs(5));
        assert_eq!(error.retry(), Retry::After(Duration::from_secs(5)));
    }
}
