//! The audit trail: reading it, checking every chain, and signed checkpoints that also find what a chain alone cannot
//! tell: that its end, or the whole of it, was cut off or written anew.

mod break_found;
mod chain_walk;
mod checkpoint;
mod compare;
mod heads;
mod read;
mod verify;

pub use break_found::{AuditBreak, AuditReport};
pub use checkpoint::Checkpoint;
pub use verify::AuditProgress;
