//! What staff and ops do on the command line: each call is attributed to an API token.

pub(crate) mod caller;
mod extension;
mod find;
pub(crate) mod shown;

pub(crate) use caller::{Staff, TokenArg};
pub(crate) use extension::Extensions;
pub(crate) use find::{find_job, find_request};
