//! Faults again and again under load, each with its account: small in the tests, at full size in `cargo xtask soak`.

pub mod broker;
pub mod embedded;
mod rescue;
pub mod workers;

pub use rescue::Rescue;
