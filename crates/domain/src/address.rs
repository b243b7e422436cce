//! Where a person can be reached: mail addresses and telephone numbers. Both print redacted and serialise only
//! where a field opts in with [`in_the_clear`].

mod email;
pub mod in_the_clear;
mod phone;

pub use email::{EmailAddress, EmailProblem};
pub use phone::{PhoneNumber, PhoneProblem};
