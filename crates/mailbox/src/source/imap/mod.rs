//! A mailbox over `IMAP4rev1` (RFC 3501) with IDLE (RFC 2177), MOVE (RFC 6851), UIDPLUS (RFC 4315) and UTF-8 (RFC 6855) where
//! the server has them.

mod command;
mod connect;
mod error;
mod fetch;
mod folder_name;
mod login;
mod news;
mod options;
mod read;
mod reader;
mod spelling;
mod take;
mod tell;
mod token;
mod trouble;
mod untold;

pub use error::{ImapError, Step};
pub use options::{After, ImapLogin, ImapOptions, ImapSecret, ImapSecurity};
pub use reader::{ImapReader, backlog, check};
pub use token::{TokenOptions, TokenSource};
