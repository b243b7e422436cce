//! `[mail]`

use std::{
    num::{NonZeroU16, NonZeroU32},
    path::PathBuf,
};

use habeas_domain::{EmailAddress, destination::is_this_machine};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Secret, finding::Findings};

/// Where mails go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MailKind {
    /// `.eml` files in a folder.
    #[default]
    Folder,
    /// An SMTP server.
    Smtp,
}

/// How the connection to the SMTP server is kept secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MailSecurity {
    /// TLS from the first byte, usually port 465.
    #[default]
    Tls,
    /// TLS before anything is said, usually port 587.
    StartTls,
    /// None.
    Plain,
}

/// How mails leave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    /// `folder` (each mail becomes a file) or `smtp`.
    pub kind: MailKind,
    /// The folder for `kind = "folder"`. Without it, `mail` in the data folder.
    #[schemars(with = "Option<String>", example = &"/var/lib/habeas/mail")]
    pub folder: Option<PathBuf>,
    /// The SMTP server, as its certificate names it.
    #[schemars(example = &"smtp.example.com")]
    pub host: Option<String>,
    /// Its port. Without it 465 for `tls`, 587 for `starttls`, 25 for `plain`.
    #[schemars(example = 465)]
    pub port: Option<NonZeroU16>,
    /// `tls` (from the first byte), `starttls` (before anything is said), or `plain`: none, only for a server on this machine or the one named in `allow_plaintext_to`.
    pub security: MailSecurity,
    /// A host to which mails may go in plain text, such as a mail catcher in a test network. Never a server on the way to people.
    #[schemars(example = &"mailpit")]
    pub allow_plaintext_to: Option<String>,
    /// The user, if the server wants one.
    #[schemars(example = &"habeas")]
    pub user: Option<String>,
    /// The password.
    #[schemars(example = &"password")]
    pub password: Option<Secret>,
    /// The name to greet the server with. Without it, this machine's host name.
    #[schemars(example = &"habeas.example.com")]
    pub hello: Option<String>,
    /// A certificate authority (PEM) to trust beside the machine's own.
    #[schemars(with = "Option<String>", example = &"/etc/habeas/mail-ca.pem")]
    pub ca_file: Option<PathBuf>,
    /// How many connections may be open at once.
    #[schemars(range(max = 1000))]
    pub connections: NonZeroU32,
    /// The sender's name, as people see it. May be empty.
    pub from_name: String,
    /// The sender's address. Its domain is also the domain of every Message-ID.
    pub from_address: String,
    /// Whether the mail system delivers `privacy+something@example.com` to `privacy@example.com`. If so, answers and
    /// reports of failed delivery come to such addresses and are put with their request even where a mail program
    /// drops all headers.
    pub plus_addresses: bool,
    /// Whether the receipt that answers a mail is sent with an empty envelope sender, so that no machine can answer it.
    /// Mails that ask for something are not: it must be known when they do not arrive.
    pub null_sender: bool,
}

/// A local part has 64 bytes (RFC 5321, section 4.5.3.1.1); a token takes 43 and the `+` one.
const LONGEST_PLUS_NAME: usize = 20;

impl Default for Mail {
    fn default() -> Self {
        Self {
            kind: MailKind::default(),
            folder: None,
            host: None,
            port: None,
            security: MailSecurity::default(),
            allow_plaintext_to: None,
            user: None,
            password: None,
            hello: None,
            ca_file: None,
            connections: super::workers::number(4),
            from_name: "Privacy requests".to_owned(),
            from_address: "privacy@example.com".to_owned(),
            plus_addresses: false,
            null_sender: true,
        }
    }
}

impl Mail {
    /// The port of the SMTP server.
    pub fn port(&self) -> u16 {
        self.port.map_or(
            match self.security {
                MailSecurity::Tls => 465,
                MailSecurity::StartTls => 587,
                MailSecurity::Plain => 25,
            },
            NonZeroU16::get,
        )
    }

    pub(crate) fn check(&self, findings: &mut Findings) {
        if EmailAddress::parse(&self.from_address).is_err() {
            findings.add(
                "mail.from_address",
                "not a mail address",
                "write one address, such as \"privacy@example.com\"",
            );
        }
        let name = self.from_address.split('@').next().unwrap_or_default();
        if self.plus_addresses && name.len() > LONGEST_PLUS_NAME {
            findings.add(
                "mail.plus_addresses",
                "the part of mail.from_address before the @ leaves no room for a token",
                format!("use at most {LONGEST_PLUS_NAME} characters before the @, or set it to false"),
            );
        }
        if self.kind == MailKind::Smtp {
            self.check_smtp(findings);
        }
    }

    fn check_smtp(&self, findings: &mut Findings) {
        let Some(host) = &self.host else {
            findings.missing("mail.host", "mail.kind is \"smtp\"", "\"smtp.example.com\"");
            return;
        };
        let allowed = is_this_machine(host) || self.allow_plaintext_to.as_ref() == Some(host);
        if self.security == MailSecurity::Plain && !allowed {
            findings.add(
                "mail.security",
                "plain text to another machine would send every mail in the open",
                format!(
                    "use \"tls\" or \"starttls\"; for a mail catcher set mail.allow_plaintext_to = \"{host}\""
                ),
            );
        }
        if self.user.is_some() != self.password.is_some() {
            let (missing, other) =
                if self.user.is_some() { ("password", "user") } else { ("user", "password") };
            findings.missing(
                &format!("mail.{missing}"),
                &format!("mail.{other} is set"),
                "the other half, or leave both out",
            );
        }
    }
}
