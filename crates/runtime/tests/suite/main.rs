//! The runtime over a real state database and the embedded queue, with a worker whose behaviour each test decides.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::large_futures,
    reason = "a test that cannot go on ends here"
)]

mod attempts;
mod bed;
mod drain;
mod fake;
mod healing;
mod housekeeping;
mod lanes;
mod leases;
mod relay;
mod switched;
