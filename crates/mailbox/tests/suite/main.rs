//! The mailbox against real parts: an IMAP server and a name server on loopback, and mails signed here.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test that calls them")]

mod acting;
mod bed;
mod bombs;
mod files;
mod forged;
mod holding;
mod imap;
mod lookups;
mod loops;
mod month;
mod oauth;
mod office;
mod peer;
mod refusals;
mod senders;
mod sent;
mod threads;
mod trouble;
