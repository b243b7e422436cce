//! The privacy@ mailbox: mails in, requests and proposals out.

mod understanding;

pub use understanding::{
    Attachment, Forwarded, FoundAgent, FoundIdentifier, FoundRight, IdentifierKind, Sender, Understanding,
};
