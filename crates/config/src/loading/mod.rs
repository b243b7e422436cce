//! From files and variables to a checked configuration.

mod environment;
mod file;
mod place;
mod reading;
mod sources;
mod tree;

pub use sources::{Loaded, Sources};
