//! Who plays in the demo: people with a mailbox and a browser, and staff with a token.

mod browser;
mod form;
mod mailbox;
mod person;
mod staff;

pub(super) use mailbox::{ReadMail, all as all_mails};
pub(super) use person::{Download, Requester};
pub(super) use staff::Member;
