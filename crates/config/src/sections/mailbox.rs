//! `[[mailboxes]]`

use std::{
    net::SocketAddr,
    num::{NonZeroU16, NonZeroU32, NonZeroU64},
    path::PathBuf,
};

use chrono::{DateTime, Utc};
use habeas_domain::{EmailAddress, destination::is_this_machine};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{mail::MailSecurity, workers::number};
use crate::finding::Findings;

/// What a mailbox is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MailboxKind {
    /// A folder on an IMAP server.
    #[default]
    Imap,
    /// A folder of `.eml` files on this machine.
    Folder,
}

/// What becomes of a file whose mail is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum StoredFiles {
    /// It is deleted.
    #[default]
    Delete,
    /// It is kept, in plain text.
    Keep,
}

/// A mailbox that people write to. Its mails are read, and become requests or proposals to staff.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Mailbox {
    /// What lists and metrics call it: lower-case letters, digits and hyphens. Never change it: it is how mails are known again.
    #[schemars(example = &"privacy")]
    pub name: String,
    /// `imap`, or `folder`: files named `*.eml` that another program puts there.
    pub kind: MailboxKind,
    /// The folder on this machine for `kind = "folder"`.
    #[schemars(with = "Option<String>", example = &"/var/lib/habeas/mailbox")]
    pub path: Option<PathBuf>,
    /// The IMAP server, as its certificate names it.
    #[schemars(example = &"imap.example.com")]
    pub host: Option<String>,
    /// Its port. Without it 993 for `tls`, 143 for `starttls` and `plain`.
    #[schemars(example = 993)]
    pub port: Option<NonZeroU16>,
    /// `tls` (from the first byte), `starttls` (before anything is said), or `plain`: none, only for a server on this machine.
    pub security: MailSecurity,
    /// A certificate authority (PEM) to trust beside the machine's own.
    #[schemars(with = "Option<String>", example = &"/etc/habeas/mail-ca.pem")]
    pub ca_file: Option<PathBuf>,
    /// The user.
    #[schemars(example = &"privacy@example.com")]
    pub user: Option<String>,
    /// A file that holds the password alone. Read at each connection.
    #[schemars(with = "Option<String>", example = &"/run/secrets/privacy-mailbox")]
    pub password_file: Option<PathBuf>,
    /// A file that holds an OAuth 2.0 access token alone, kept fresh by another program (XOAUTH2). Read at each connection.
    #[schemars(with = "Option<String>", example = &"/run/secrets/privacy-mailbox-token")]
    pub token_file: Option<PathBuf>,
    /// Where to fetch access tokens (XOAUTH2) whenever one runs out: the token endpoint of an authorisation server (RFC 6749). With
    /// `refresh_token_file` by a refresh token, without it by the client's own secret (client credentials).
    #[schemars(example = &"https://login.example.com/oauth2/token")]
    pub token_url: Option<String>,
    /// The client's id at `token_url`.
    #[schemars(example = &"habeas")]
    pub client_id: Option<String>,
    /// A file that holds the client's secret alone. Read whenever a token is fetched.
    #[schemars(with = "Option<String>", example = &"/run/secrets/privacy-mailbox-client")]
    pub client_secret_file: Option<PathBuf>,
    /// A file that holds a refresh token alone. Where the server gives a new one it is written here, so that this user has to be
    /// able to write the file and its folder.
    #[schemars(with = "Option<String>", example = &"/var/lib/habeas/privacy-refresh-token")]
    pub refresh_token_file: Option<PathBuf>,
    /// What to ask for at `token_url`, where the server wants to be told.
    #[schemars(example = &"mail.read")]
    pub token_scope: Option<String>,
    /// The folder on the server, as mail programs show its name.
    #[schemars(example = &"INBOX/個人情報")]
    pub folder: String,
    /// What is done to a mail on the server once it is stored: `seen`, or `move:` and the folder to move it to.
    pub after: String,
    /// How often to look when the server sends no news by itself, in seconds.
    #[schemars(range(max = 86_400))]
    pub poll_seconds: NonZeroU32,
    /// Of the mails that lie there at the first connection, those that the server got before this moment are left alone.
    /// Without it, all of them are. What comes into the folder later is read, whatever its date.
    #[schemars(example = &"2026-04-01T00:00:00Z")]
    pub cut_off: Option<DateTime<Utc>>,
    /// The largest mail that is read, in bytes. A larger one is left where it is (a file is moved to the folder `too-large`
    /// beside it), and listed for staff.
    #[schemars(range(max = 1_000_000_000))]
    pub max_bytes: NonZeroU64,
    /// With `kind = "folder"`: what becomes of a file once its mail is stored, sealed: `delete`, or `keep`, in plain text, in
    /// the folder `taken` beside it.
    pub stored_files: StoredFiles,
    /// The addresses of this mailbox. A mail from one of them is our own and never acted on.
    pub own_addresses: Vec<String>,
    /// The names under which our own mail servers write `Authentication-Results`. Those of anybody else are not believed.
    pub trusted_authserv_ids: Vec<String>,
    /// How many `Received` lines of our own servers may stand above an `Authentication-Results` that is believed. Raise it only
    /// if the server that writes them removes those that others wrote in its name (RFC 8601, section 5).
    pub received_above: u8,
    /// Which `Received` line our server wrote when it took the mail from outside, counted from the top with 0. It tells from where
    /// a mail came, which SPF asks for. Without it, only signatures and our server's own results count.
    #[schemars(example = 0)]
    pub delivering_received: Option<u8>,
    /// The name servers that are asked about the senders of this mailbox, such as a resolver of your own that checks signatures
    /// (DNSSEC). Without any, those of this machine.
    #[schemars(with = "Vec<String>", example = &["192.0.2.53:53"])]
    pub name_servers: Vec<SocketAddr>,
    /// The domains of forwarders, such as mailing lists, whose word about the sender is taken (ARC, RFC 8617).
    pub trusted_forwarders: Vec<String>,
    /// The address of the form on the company's site. With it, a mail that asks for nothing is answered with this address; without
    /// it, such a mail is kept for staff and nobody is written to. Machines, lists and forged senders are never answered.
    #[schemars(example = &"https://www.example.com/privacy-request")]
    pub answer_with_form: Option<String>,
    /// How often one sender is written to within 24 hours because of mails. What comes beyond waits for staff.
    #[schemars(range(max = 1000))]
    pub answers_per_sender_per_day: NonZeroU32,
    /// How many strangers are written to within an hour because of mails to this mailbox: senders of whom it is not known that
    /// their domain stands behind the mail. What comes beyond waits for staff, so that whoever floods the mailbox with made-up
    /// senders cannot make it flood others.
    #[schemars(range(max = 100_000))]
    pub answers_to_strangers_per_hour: NonZeroU32,
}

impl Default for Mailbox {
    fn default() -> Self {
        Self {
            name: "privacy".to_owned(),
            kind: MailboxKind::default(),
            path: None,
            host: None,
            port: None,
            security: MailSecurity::default(),
            ca_file: None,
            user: None,
            password_file: None,
            token_file: None,
            token_url: None,
            client_id: None,
            client_secret_file: None,
            refresh_token_file: None,
            token_scope: None,
            folder: "INBOX".to_owned(),
            after: "seen".to_owned(),
            poll_seconds: number(60),
            cut_off: None,
            max_bytes: NonZeroU64::new(40_000_000).unwrap_or(NonZeroU64::MIN),
            stored_files: StoredFiles::default(),
            own_addresses: Vec::new(),
            trusted_authserv_ids: Vec::new(),
            received_above: 0,
            delivering_received: None,
            name_servers: Vec::new(),
            trusted_forwarders: Vec::new(),
            answer_with_form: None,
            answers_per_sender_per_day: number(5),
            answers_to_strangers_per_hour: number(200),
        }
    }
}

impl Mailbox {
    /// The port of the IMAP server.
    pub fn port(&self) -> u16 {
        let usual = if self.security == MailSecurity::Tls { 993 } else { 143 };
        self.port.map_or(usual, NonZeroU16::get)
    }

    /// The folder that stored mails are moved to; nothing means that they are marked as seen.
    pub fn move_to(&self) -> Option<&str> {
        self.after.strip_prefix("move:")
    }

    /// What is wrong with this one, the `place`th of all.
    pub(crate) fn check(&self, place: usize, findings: &mut Findings) {
        let at = |key: &str| format!("mailboxes.{place}.{key}");
        let named = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.name.is_empty() || self.name.len() > 63 || !self.name.chars().all(named) {
            findings.add(
                &at("name"),
                "not a name",
                "use lower-case letters, digits and hyphens, such as \"privacy\"",
            );
        }
        for (number, address) in self.own_addresses.iter().enumerate() {
            if EmailAddress::parse(address).is_err() {
                let fix = "write one address, such as \"privacy@example.com\"";
                findings.add(&at(&format!("own_addresses.{number}")), "not a mail address", fix);
            }
        }
        self.check_form(&at, findings);
        match self.kind {
            MailboxKind::Folder if self.path.is_none() => {
                findings.missing(&at("path"), "kind is \"folder\"", "\"/var/lib/habeas/mailbox\"");
            }
            MailboxKind::Folder => {}
            MailboxKind::Imap => self.check_imap(&at, findings),
        }
    }

    fn check_form(&self, at: &impl Fn(&str) -> String, findings: &mut Findings) {
        let plain = |url: &str| {
            let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
            let safe = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\');
            rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(safe))
        };
        if self.answer_with_form.as_deref().is_some_and(|url| !plain(url)) {
            let fix = "write a web address in ASCII, such as \"https://www.example.com/privacy-request\"";
            findings.add(&at("answer_with_form"), "not a web address", fix);
        }
    }

    fn check_imap(&self, at: &impl Fn(&str) -> String, findings: &mut Findings) {
        if self.host.is_none() {
            findings.missing(&at("host"), "kind is \"imap\"", "\"imap.example.com\"");
        }
        if self.user.is_none() {
            findings.missing(&at("user"), "kind is \"imap\"", "\"privacy@example.com\"");
        }
        self.check_sign_in(at, findings);
        if self.after != "seen" && self.move_to().is_none_or(str::is_empty) {
            findings.add(
                &at("after"),
                "not known",
                "use \"seen\", or \"move:\" and a folder, such as \"move:Taken\"",
            );
        }
        let here = self.host.as_deref().is_none_or(is_this_machine);
        if self.security == MailSecurity::Plain && !here {
            let message = "plain text to another machine would show every mail and the password";
            findings.add(&at("security"), message, "use \"tls\" or \"starttls\"");
        }
    }

    fn check_sign_in(&self, at: &impl Fn(&str) -> String, findings: &mut Findings) {
        let ways = [self.password_file.is_some(), self.token_file.is_some(), self.token_url.is_some()];
        if ways.into_iter().filter(|way| *way).count() != 1 {
            let fix = "set one of password_file, token_file and token_url";
            findings.add(&at("password_file"), "one way to sign in is needed", fix);
        }
        if self.token_url.is_some() && self.client_id.is_none() {
            findings.missing(&at("client_id"), "token_url is set", "\"habeas\"");
        }
        if self.token_url.is_some() && self.client_secret_file.is_none() && self.refresh_token_file.is_none()
        {
            let fix = "set refresh_token_file, or client_secret_file, or both";
            findings.add(&at("refresh_token_file"), "token_url gives no token without a secret", fix);
        }
    }
}
