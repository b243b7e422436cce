use std::{fmt, path::PathBuf, time::Duration};

use chrono::{DateTime, Utc};
use habeas_domain::Personal;

use super::TokenSource;

/// How the connection is kept secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImapSecurity {
    /// TLS from the first byte (RFC 8314), usually port 993.
    Tls,
    /// TLS before anything personal is said, usually port 143.
    StartTls,
    /// None: only for a server on this machine.
    Plain,
}

/// A password or an access token.
#[derive(Clone)]
pub enum ImapSecret {
    /// Given once.
    Fixed(Personal<String>),
    /// In a file that is read again at each connection, so that whoever renews it need not tell the daemon.
    File(PathBuf),
}

impl fmt::Debug for ImapSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// How to sign in.
#[derive(Debug, Clone)]
pub enum ImapLogin {
    /// By password (`LOGIN`).
    Password(ImapSecret),
    /// By an OAuth 2.0 access token (`AUTHENTICATE XOAUTH2`).
    XOAuth2(ImapSecret),
    /// The same with a token that is fetched whenever the one before runs out.
    Fetched(TokenSource),
}

/// What is done to a mail on the server once it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum After {
    /// It is marked as seen.
    Seen,
    /// It is moved to this folder, which is made if it is missing.
    Move(String),
}

/// A folder of a mailbox, and how to read it.
#[derive(Debug, Clone)]
pub struct ImapOptions {
    /// What the configuration calls the mailbox.
    pub name: String,
    /// The server, as its certificate names it.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is kept secret.
    pub security: ImapSecurity,
    /// A certificate authority (PEM) to trust beside the machine's own.
    pub extra_root: Option<Vec<u8>>,
    /// The user.
    pub user: String,
    /// How to sign in.
    pub login: ImapLogin,
    /// The folder, as somebody reads its name. One in modified UTF-7 (RFC 3501, section 5.1.3) is taken as such.
    pub folder: String,
    /// What is done to a mail once it is stored.
    pub after: After,
    /// How long to wait for news before looking in any case.
    pub poll: Duration,
    /// Mails that the server got before this are left alone; nothing means the moment of the first connection.
    pub cut_off: Option<DateTime<Utc>>,
    /// Longer mails are left in the mailbox and parked, in bytes.
    pub max_bytes: u64,
    /// How long one step may take.
    pub limit: Duration,
    /// For how long a mail that the server does not give is asked for before it is left there and parked.
    pub patience: Duration,
    /// How long a group that is being fetched or stored may still take when the process is to end.
    pub end_of_group: Duration,
    /// The first delay before connecting again; each further one is twice as long, up to 5 minutes.
    pub retry: Duration,
}

impl ImapOptions {
    /// The usual settings for a mailbox.
    pub fn new(
        name: impl Into<String>,
        host: impl Into<String>,
        user: impl Into<String>,
        login: ImapLogin,
    ) -> Self {
        Self {
            name: name.into(),
            host: host.into(),
            port: 993,
            security: ImapSecurity::Tls,
            extra_root: None,
            user: user.into(),
            login,
            folder: "INBOX".to_owned(),
            after: After::Seen,
            poll: Duration::from_mins(1),
            cut_off: None,
            max_bytes: 40_000_000,
            limit: Duration::from_mins(1),
            patience: Duration::from_mins(10),
            end_of_group: Duration::from_secs(10),
            retry: Duration::from_secs(1),
        }
    }
}
