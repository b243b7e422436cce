//! The SQL connector against real databases: the conformance suite, and what only SQL can get wrong.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod asking;
mod conformance;
mod factory;
mod failures;
mod ground;
mod oddities;
mod pages;
mod sql;
