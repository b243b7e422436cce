//! The privacy@ mailbox: mails in, requests and proposals out.

mod attachments;
pub mod authentication;
mod forward;
mod identifiers;
mod kind;
mod limits;
mod marks;
mod mime;
mod other_right;
mod reader;
mod rules;
pub mod source;
pub mod thread;
mod understand;
mod understanding;
mod verdict;
pub mod worker;

pub use limits::Limits;
pub(crate) use marks::Marks;
pub use other_right::{OtherRight, UnknownOtherRight};
pub use reader::{Reader, ReaderError, ReaderOptions, Threads};
pub use understand::understand;
pub use understanding::{
    Attachment, Bounced, Forwarded, FoundAgent, FoundIdentifier, FoundOther, FoundRight, FoundWord,
    IdentifierKind, Sender, Understanding,
};
