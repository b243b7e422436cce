//! What a case expected and did not get.

use std::fmt::{Debug, Display};

use habeas_connector_api::StoreError;

/// An expectation that was not met.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unmet(String);

impl Unmet {
    /// Says what was not met.
    pub fn new(what: impl Display) -> Self {
        Self(what.to_string())
    }
}

impl From<StoreError> for Unmet {
    fn from(error: StoreError) -> Self {
        let fault = error.to_fault();
        Self(format!("the store failed: {fault}"))
    }
}

/// Expects a truth.
pub(crate) fn expect(truth: bool, what: impl Display) -> Result<(), Unmet> {
    if truth { Ok(()) } else { Err(Unmet::new(what)) }
}

/// Expects two things to be equal.
pub(crate) fn equal<T: PartialEq + Debug>(got: &T, wanted: &T, what: impl Display) -> Result<(), Unmet> {
    expect(got == wanted, format!("{what}: got {got:?}, wanted {wanted:?}"))
}

/// Expects a failure with that code.
pub(crate) fn refused<T>(outcome: Result<T, StoreError>, code: &str) -> Result<StoreError, Unmet> {
    match outcome {
        Ok(_) => Err(Unmet::new(format!("expected the failure {code}, but it was done"))),
        Err(error) if error.code() == code => Ok(error),
        Err(error) => Err(Unmet::new(format!("expected the failure {code}, got {}", error.to_fault()))),
    }
}
