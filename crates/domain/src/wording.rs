//! How people read days, moments and rights: alike in letters, on pages and in packages.

mod dates;
mod rights;

pub use dates::{day, day_of, moment};
pub use rights::{right, right_in_short, right_of_another};
