//! Which request a mail belongs to.
//!
//! In this order, and never by subject alone:
//! 1. a token of ours in an address that the mail went to (`privacy+TOKEN@example.com`);
//! 2. a token of ours in a Message-ID that it refers to (`In-Reply-To`, `References`);
//! 3. a Message-ID of ours without a token, if the ledger knows it.
//!
//! To belong to a request is to be shown there, and nothing more. Whoever holds one of our mails holds its token.

mod find;
mod pointers;

pub use find::{By, Thread, bounced_mail, is_ours, thread_of};
