//! The mailbox against real parts: a name server on loopback, and mails signed here.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test that calls them")]

mod forged;
mod lookups;
mod senders;
mod sent;
mod threads;
//! The mailbox over real servers: what is delivered is stored once, and acted on once.

mod acting;
mod bed;
mod files;
mod imap;
mod oauth;
mod trouble;
