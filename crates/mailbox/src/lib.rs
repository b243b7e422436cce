//! The privacy@ mailbox: mails in, requests and proposals out.

mod understanding;

pub use understanding::{
    Attachment, Bounced, Forwarded, FoundAgent, FoundIdentifier, FoundRight, IdentifierKind, Sender,
    Understanding,
};
