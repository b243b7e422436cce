//! The JSON that the command line prints about requests and work. The names are stable.

mod finding;
mod job;
mod mail;
mod paper;
mod request;

pub(crate) use finding::Finding;
pub(crate) use job::Work;
pub(crate) use paper::Paper;
pub(crate) use request::{Request, unreadable};
