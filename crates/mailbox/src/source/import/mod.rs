//! Mails handed over once: a file, standard input of a mail server's pipe, a Maildir or a folder of `.eml` files, an mbox.

mod files;
mod mbox;

pub use files::{Import, ImportError, ImportedMail};
pub use mbox::Mbox;
