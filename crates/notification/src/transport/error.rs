//! Why a mail was not handed over, and whether a retry helps.

use std::{fmt, io, time::Duration};

use habeas_domain::{Fault, Retry, fault::RECIPIENT_REFUSED};

/// How far a conversation with an SMTP server had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Waiting for one of our own connections to come free.
    Queue,
    /// Connecting, TLS, and the greeting.
    Connect,
    /// Switching to TLS.
    StartTls,
    /// Logging in.
    Login,
    /// Naming the sender.
    Sender,
    /// Naming the recipient.
    Recipient,
    /// Announcing the content.
    Announce,
    /// The content itself, and the answer to it.
    Content,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Queue => "waiting for a free connection",
            Self::Connect => "connecting",
            Self::StartTls => "switching to TLS",
            Self::Login => "logging in",
            Self::Sender => "naming the sender",
            Self::Recipient => "naming the recipient",
            Self::Announce => "announcing the content",
            Self::Content => "handing over the content",
        })
    }
}

/// A mail that was not handed over, or not surely.
///
/// Holds no text of the server: servers quote addresses.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The server does not take mail for this address, now or ever (5xx to the recipient).
    #[error("the mail server refuses this recipient for good (reply {reply})")]
    RecipientRefused {
        /// The reply code (RFC 5321, section 4.2).
        reply: u16,
    },
    /// The server does not take this mail (5xx at any other point).
    #[error("the mail server refuses the mail for good while {stage} (reply {reply})")]
    Refused {
        /// Where.
        stage: Stage,
        /// The reply code.
        reply: u16,
    },
    /// The server asks to come back later (4xx).
    #[error("the mail server asks to try later while {stage} (reply {reply})")]
    Deferred {
        /// Where.
        stage: Stage,
        /// The reply code.
        reply: u16,
    },
    /// The server does not let us in. It says nothing about the mail, which waits until the login is mended.
    #[error("the mail server refuses our login; check user and password in the configuration")]
    LoginRefused,
    /// No secure connection came about. The mail waits rather than travel in the open.
    #[error(
        "no TLS connection to the mail server while {stage}; check host name, port, certificate and TLS setting"
    )]
    Tls {
        /// Where.
        stage: Stage,
    },
    /// No connection, or it broke.
    #[error("the connection to the mail server failed while {stage}")]
    Connection {
        /// Where.
        stage: Stage,
        /// The operating system's kind of error, if it named one.
        #[source]
        source: Option<io::Error>,
    },
    /// No answer in time.
    #[error("the mail server gave no answer within {} ms while {stage}", limit.as_millis())]
    Timeout {
        /// Where.
        stage: Stage,
        /// How long we waited.
        limit: Duration,
    },
    /// An answer that is not SMTP.
    #[error("the mail server gave an answer that is not SMTP while {stage}")]
    Garbled {
        /// Where.
        stage: Stage,
    },
    /// The folder for mails cannot be written.
    #[error(
        "the mail cannot be written into the mail folder; check that it exists, is writable and has room"
    )]
    Folder {
        /// The operating system's error.
        #[source]
        source: io::Error,
    },
}

impl TransportError {
    /// Whether a retry helps. Only an answer about this very mail is final.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::RecipientRefused { .. } | Self::Refused { .. } => Retry::Never,
            _ => Retry::Later,
        }
    }

    /// Whether the server may have the mail although it did not say so: the content was under way. Another sending
    /// may then show the person the mail twice.
    pub const fn may_have_arrived(&self) -> bool {
        matches!(
            self,
            Self::Connection { stage: Stage::Content, .. }
                | Self::Timeout { stage: Stage::Content, .. }
                | Self::Garbled { stage: Stage::Content }
        )
    }

    /// A short stable word that groups equal failures.
    pub const fn code(&self) -> &'static str {
        if self.may_have_arrived() {
            return "mail-answer-lost";
        }
        match self {
            Self::RecipientRefused { .. } => RECIPIENT_REFUSED,
            Self::Refused { .. } => "mail-refused",
            Self::Deferred { .. } => "mail-deferred",
            Self::LoginRefused => "mail-login-refused",
            Self::Tls { .. } => "mail-tls-failed",
            Self::Connection { .. } => "mail-server-unreachable",
            Self::Timeout { .. } => "mail-server-silent",
            Self::Garbled { .. } => "mail-server-garbled",
            Self::Folder { .. } => "mail-folder-unwritable",
        }
    }

    /// The failure as it is stored and shown to ops.
    pub fn to_fault(&self) -> Fault {
        let detail = match self {
            Self::Connection { source: Some(source), .. } | Self::Folder { source } => {
                format!("{self} ({})", source.kind())
            }
            _ => self.to_string(),
        };
        Fault { code: self.code().to_owned(), detail, retry: self.retry() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_answers_about_the_mail_are_final() {
        assert_eq!(TransportError::RecipientRefused { reply: 550 }.to_fault().retry, Retry::Never);
        assert_eq!(TransportError::Refused { stage: Stage::Content, reply: 554 }.retry(), Retry::Never);
        assert_eq!(TransportError::Deferred { stage: Stage::Recipient, reply: 451 }.retry(), Retry::Later);
        assert_eq!(TransportError::LoginRefused.retry(), Retry::Later);
    }

    #[test]
    fn a_lost_answer_is_told_apart_from_a_lost_connection() {
        let lost = |stage| TransportError::Connection { stage, source: None };
        assert_eq!(lost(Stage::Content).to_fault().code, "mail-answer-lost");
        assert_eq!(lost(Stage::Recipient).to_fault().code, "mail-server-unreachable");
        assert!(!TransportError::Deferred { stage: Stage::Content, reply: 451 }.may_have_arrived());
    }

    #[test]
    fn a_fault_names_the_kind_of_a_system_error() {
        let source = io::Error::from(io::ErrorKind::PermissionDenied);
        let fault = TransportError::Folder { source }.to_fault();
        assert!(fault.detail.ends_with("(permission denied)"), "{fault}");
    }
}
