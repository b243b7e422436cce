//! The `habeas` program from outside: help, exit codes, errors, and the whole demo.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test that calls them")]

mod agents;
mod correctable;
mod deciding;
mod demo;
mod deploy;
mod doctor;
mod errors;
mod explain;
mod explaining;
mod guardians;
mod help;
mod holds;
mod house;
mod identity;
mod languages;
mod loops;
mod mail_accept;
mod mail_again;
mod mailbox_told;
mod mails;
mod papers;
mod program;
mod readme;
mod regimes;
mod serving;
mod staff;
mod stores;
mod upgrade;
