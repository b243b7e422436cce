//! Layers, problems, and the files that are made from the structs.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test that calls them")]

mod addresses;
mod checks;
mod deploy;
mod wrong_values;
