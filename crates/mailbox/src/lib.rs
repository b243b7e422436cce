//! The privacy@ mailbox: mails in, requests and proposals out.

pub mod answering;
pub mod authentication;
pub mod thread;
mod understanding;

pub use understanding::{
    Attachment, Bounced, Forwarded, FoundAgent, FoundIdentifier, FoundRight, IdentifierKind, Sender,
    Understanding,
};
