//! Mails to an SMTP server (RFC 5321).
//!
//! Built on lettre's single connection and not on its pooled transport: that one has no limit on any wait but the
//! connect, and when a caller gives up in mid-mail it puts the connection back into the pool, where the next mail's
//! commands become part of the cut one.

mod classify;
mod options;
mod pool;
mod session;

use async_trait::async_trait;

pub use options::{SmtpLimits, SmtpLogin, SmtpOptions, SmtpOptionsError, SmtpSecurity};

use super::{Transport, TransportError};
use crate::OutgoingMail;
use pool::Pool;

/// Sends each mail to one SMTP server, over a few connections that are kept open and used again.
#[derive(Debug)]
pub struct SmtpTransport {
    pool: Pool,
}

impl SmtpTransport {
    /// Checks the options. Connects to nothing yet.
    pub fn new(options: SmtpOptions) -> Result<Self, SmtpOptionsError> {
        Ok(Self { pool: Pool::new(options.checked()?) })
    }

    /// Connects, logs in and says nothing more: for `habeas doctor`.
    pub async fn probe(&self) -> Result<(), TransportError> {
        let session = self.pool.take().await?;
        self.pool.give_back(session);
        Ok(())
    }
}

#[async_trait]
impl Transport for SmtpTransport {
    async fn send(&self, mail: &OutgoingMail) -> Result<(), TransportError> {
        let mut session = self.pool.take().await?;
        // After any failure the connection is dropped: nobody knows what it would answer to next.
        session.deliver(mail).await?;
        self.pool.give_back(session);
        Ok(())
    }
}
