//! The privacy@ mailbox: mails in, requests and proposals out.

mod attachments;
mod forward;
mod identifiers;
mod kind;
mod limits;
mod mime;
mod other_right;
mod reader;
mod rules;
mod understand;
mod understanding;
mod verdict;

pub use limits::Limits;
pub use other_right::{OtherRight, UnknownOtherRight};
pub use reader::{Reader, ReaderError, ReaderOptions, Threads};
pub use understand::understand;
pub use understanding::{
    Attachment, Bounced, Forwarded, FoundAgent, FoundIdentifier, FoundOther, FoundRight, IdentifierKind,
    Sender, Understanding,
};
