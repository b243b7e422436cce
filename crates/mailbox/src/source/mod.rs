//! Where mails come from: IMAP mailboxes, folders of files, files that are handed over once.
//!
//! Every source stores a mail in one transaction with the place it was found at, and only then tells anybody else that
//! it has been taken.

pub mod folder;
pub mod imap;
pub mod import;

mod bell;
mod left_there;
mod standing;

pub use bell::Bell;
