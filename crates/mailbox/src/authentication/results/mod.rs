//! `Authentication-Results` (RFC 8601): the reading of one, and which of them are believed.

mod believed;
mod cursor;
mod parse;

pub(super) use believed::{Reported, believed, sealed};
pub use parse::{AuthResults, MethodResult, Property};
