//! Handing mails over.

mod error;
mod folder;
pub mod smtp;

use async_trait::async_trait;

pub use error::{Stage, TransportError};
pub use folder::FolderTransport;
pub use smtp::SmtpTransport;

use crate::OutgoingMail;

/// Takes mails and answers for them: `Ok` means that the other side has the mail and said so.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Hands over one mail. Every wait in it has a limit. Sending the same mail again is harmless for a folder; for
    /// SMTP the person may see it twice if [`TransportError::may_have_arrived`] said so, with the same `Message-ID`.
    async fn send(&self, mail: &OutgoingMail) -> Result<(), TransportError>;
}
