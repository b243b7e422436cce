//! What staff and ops do on the command line: each call is attributed to an API token.

pub(crate) mod caller;
mod extension;
mod find;
mod mail_again;
pub(crate) mod shown;
mod trail;

pub(crate) use caller::{Staff, TokenArg};
pub(crate) use extension::Extensions;
pub(crate) use find::{closed, find_job, find_request};
pub(crate) use mail_again::LinkDesk;
pub(crate) use trail::{trail_json, trail_text};
