//! Mails: templates, languages, transports.
//!
//! A mail goes through three steps that know nothing of each other:
//! 1. [`Renderer::render`] turns a [`habeas_domain::Letter`] and its [`Letterhead`] into words: subject, text and HTML.
//! 2. [`compose()`] turns the words into the bytes of an internet message (RFC 5322) to exactly one address.
//! 3. A [`Transport`] hands the bytes over: to an SMTP server, or into a folder of `.eml` files.
//!
//! All three are deterministic, so that sending a mail again after a lost answer sends the same mail, with the same
//! `Message-ID`.

mod address;
mod clean;
mod compose;
mod facts;
mod filters;
mod greeting;
mod letterhead;
mod msg_id;
mod record;
mod renderer;
mod templates;
pub mod transport;
mod worker;

pub use address::AddressError;
pub use compose::{ComposeError, Marks, OutgoingMail, Posting, Reports, compose};
pub use letterhead::{Letterhead, Sender};
pub use msg_id::{MalformedMsgId, MsgId};
pub use renderer::{RenderError, RenderedMail, Renderer};
pub use transport::{FolderTransport, SmtpTransport, Transport, TransportError};
pub use worker::{MailOptions, MailWorker};
