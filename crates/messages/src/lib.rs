//! The versioned queue payloads and their wire form.
//!
//! Messages between workers hold ids only, never personal data (promise 1). The one exception is what other
//! systems publish to the public intake queue, see [`Submitted`].

mod announcement;
mod answer;
mod problem;
pub mod queues;
mod submitted;

pub use announcement::Announcement;
pub use answer::IntakeAnswer;
pub use problem::MessageProblem;
pub use submitted::Submitted;

/// The version that this release writes and reads.
pub const VERSION: u32 = 1;
