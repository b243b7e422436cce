//! What every worker shares: claiming work under leases, heartbeats, the retry decision, the relay that publishes
//! the outbox, the reconciler that heals what was lost, and the graceful drain.
//!
//! Crash recovery and the happy path are one path: a worker only ever learns that work *may* be due, and claims
//! it in the state database. Who misses a message is found again by the reconciler.

mod group;
mod heartbeat;
mod housekeeper;
mod lane;
mod reconciler;
mod relay;
mod retry;
mod runtime;
mod worker;

pub use housekeeper::HousekeeperOptions;
pub use lane::LaneOptions;
pub use retry::RetryPolicy;
pub use runtime::{Runtime, RuntimeError, RuntimeOptions};
pub use worker::{Failure, Worker};
