//! Proving who a person is, on SQLite and PostgreSQL.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed test may panic, helpers of tests included")]

mod agents;
mod alike;
mod another;
mod bed;
mod both_states;
mod codes;
mod downloads;
mod fetched_keys;
mod gateway;
mod guardians;
mod links;
mod mails;
mod new_codes;
mod papers;
mod questions;
mod second_step;
mod step;
mod two_people;
mod warnings;
mod worker;
