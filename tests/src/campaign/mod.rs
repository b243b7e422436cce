//! Faults again and again under load, each with its account: small in the tests, at full size in `cargo xtask soak`.

pub mod broker;
pub mod embedded;
mod percentile;
pub mod poison;
mod rescue;
pub mod upgrade;
pub mod workers;

use percentile::millis;
pub use percentile::percentile;
pub use rescue::Rescue;
