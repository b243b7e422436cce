//! Proving who a person is.
