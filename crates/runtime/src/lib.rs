//! What every worker shares: claiming work under leases, heartbeats, the retry decision, the relay that publishes
//! the outbox, the reconciler that heals what was lost, the rescuer that takes over from the dead, and the graceful drain.
//!
//! Crash recovery and the happy path are one path: a worker only ever learns that work *may* be due, and claims
//! it in the state database. What nobody was told of is found again by the reconciler, and what a dead worker held by the
//! rescuer.

mod group;
mod heartbeat;
mod housekeeper;
mod lane;
mod reconciler;
mod relay;
mod rescuer;
mod retry;
mod runtime;
mod supervise;
mod worker;

pub use housekeeper::HousekeeperOptions;
pub use lane::LaneOptions;
pub use retry::RetryPolicy;
pub use runtime::{Runtime, RuntimeError, RuntimeOptions};
pub use supervise::supervised;
pub use worker::{Failure, Worker};
