//! Fulfilment over real stores: from proven keys to packages, proofs and letters.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test that calls them")]

mod access;
mod agreement;
mod backup;
mod bucket;
mod company;
mod convergence;
mod copies;
mod correction;
mod deferred;
mod deletion;
mod grace;
mod graphs;
mod holds;
mod hostile_keys;
mod lead;
mod manifests;
mod meanwhile;
mod memory;
mod notices;
mod on_file;
mod person;
mod post;
mod referrals;
mod refusals;
mod resolve;
mod restored;
mod review;
mod sides;
mod spools;
mod wrapped;
