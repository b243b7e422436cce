//! The privacy@ mailbox: mails in, requests and proposals out.

mod limits;
mod mime;
mod other_right;
mod understanding;

pub use limits::Limits;
pub use other_right::{OtherRight, UnknownOtherRight};
pub use understanding::{
    Attachment, Bounced, Forwarded, FoundAgent, FoundIdentifier, FoundOther, FoundRight, IdentifierKind,
    Sender, Understanding,
};
