use std::fmt;

use habeas_ledger::LedgerError;

/// What was being done when it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Connecting and saying hello.
    Connect,
    /// Going over to TLS.
    Secure,
    /// Signing in.
    SignIn,
    /// Opening the folder.
    Select,
    /// Looking for mails.
    Search,
    /// Fetching mails.
    Fetch,
    /// Marking or moving mails.
    Tell,
    /// Waiting for news.
    Wait,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting to",
            Self::Secure => "going over to TLS with",
            Self::SignIn => "signing in to",
            Self::Select => "opening the folder of",
            Self::Search => "looking for mails in",
            Self::Fetch => "fetching mails from",
            Self::Tell => "marking or moving mails in",
            Self::Wait => "waiting for news from",
        })
    }
}

/// Why a mailbox could not be read. Holds no text of the server: that could quote a mail or a password.
#[derive(Debug, thiserror::Error)]
pub enum ImapError {
    /// The server did not answer in time.
    #[error("{0} the mailbox took too long; check host and port, and the way there")]
    TimedOut(Step),
    /// The connection could not be made, or broke.
    #[error("{step} the mailbox failed: {kind}; check host and port, and the way there")]
    Broken {
        /// Doing what.
        step: Step,
        /// What kind of failure.
        kind: std::io::ErrorKind,
    },
    /// The connection is not secret: the certificate is not trusted, or the server offers no TLS.
    #[error("the mailbox's server could not be trusted; check host, tls and ca_file")]
    Untrusted(#[source] std::io::Error),
    /// A certificate authority that was given cannot be read.
    #[error("ca_file holds no certificate in PEM")]
    NoRoots,
    /// The file with the password or token cannot be read.
    #[error("the file with the password or token cannot be read; check password_file or token_file")]
    Secret(#[source] std::io::Error),
    /// The server refused.
    #[error("{0} the mailbox was refused; check user, password or token, folder, and what this user may do")]
    Refused(Step),
    /// The server refused the access token.
    #[error(
        "the mailbox refused the access token, which may have run out: see that the program that renews token_file still does, \
         or let Habeas fetch tokens itself (token_url); check user and scope"
    )]
    StaleToken,
    /// The settings for fetching tokens cannot be used.
    #[error("access tokens cannot be fetched: {0}; correct the mailbox")]
    TokenSettings(&'static str),
    /// The authorisation server did not answer.
    #[error("the server at token_url did not answer; check token_url and the way there")]
    TokenUnreachable(#[source] reqwest::Error),
    /// The authorisation server answered with something else.
    #[error("the server at token_url gave no token that can be read; check token_url")]
    TokenUnreadable,
    /// The authorisation server gives no token.
    #[error("the server at token_url gave no token; {0}")]
    TokenRefused(&'static str),
    /// The server said something that is not IMAP.
    #[error("{0} the mailbox got an answer that is not IMAP; check host and port")]
    Unreadable(Step),
    /// A mail that lies in the folder was not given, though the server said that all is well.
    #[error(
        "the mailbox did not give a mail that lies in the folder; it is asked for again, and listed for staff at last"
    )]
    Withheld,
    /// Plain text to another machine.
    #[error("plain text to another machine would show mails and password; use tls or starttls")]
    PlainText,
    /// The folder has no lasting UIDs.
    #[error(
        "the folder has no lasting UIDs (UIDVALIDITY), so that mails could be taken twice; use another folder"
    )]
    NoUidValidity,
    /// The state database did not take the mails. They stay where they are.
    #[error("mails could not be stored")]
    Ledger(#[from] LedgerError),
}

impl ImapError {
    /// What the library says went wrong in a step.
    pub(super) fn of(step: Step, error: &async_imap::error::Error) -> Self {
        use async_imap::error::Error as E;
        match error {
            // What cannot be read as IMAP comes as an error of no other kind.
            E::Io(error) if error.kind() == std::io::ErrorKind::Other => Self::Unreadable(step),
            E::Io(error) => Self::Broken { step, kind: error.kind() },
            E::ConnectionLost => Self::Broken { step, kind: std::io::ErrorKind::ConnectionReset },
            E::No(_) | E::Bad(_) | E::Validate(_) => Self::Refused(step),
            _ => Self::Unreadable(step),
        }
    }
}
